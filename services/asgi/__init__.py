"""What HTTP services share: operations and their document, bodies, problems, keys, metrics, serving, and the journal.

No service's own words belong here, and nothing of what a service is for.
"""
