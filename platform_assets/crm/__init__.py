"""Customers as the bank's system of record has them, where they live and with whom.

`customer360` asks it who a dwelling belongs to.
"""
