"""The promotions of shoppers over HTTP: who has which, given and taken by campaigns, used at the till.

Requests, the outbox of their log and launches belong here; where promotions are kept is in `resources.promotion_store`.
"""
