"""Tweets as they come from the topic: once each, placed at a dwelling, scored.

`customer360` asks it what was said, where and in which mood.
"""
