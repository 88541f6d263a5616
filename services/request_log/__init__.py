"""The log of requests over HTTP: each call of an API, once, however often it is delivered.

Where entries are kept is in `resources.request_log`; who delivers them, and how, is told by each service that does.
"""
