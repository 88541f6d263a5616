"""What the bank does with what it knows: whose a tweet is, whom to call, whom to offer what, whom to merge.

Advisers, campaign people and analysts ask it; it asks `crm` and `tweets`.
"""
