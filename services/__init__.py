"""Processes that run beside Dagster, each with its own settings and its own life.

They use the ports and pure modules of domains; nothing here is loaded by Dagster, and nothing here imports it.
"""
