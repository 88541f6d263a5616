"""Addresses: the files that arrive, the dwellings they describe, the four quadrants of Connecticut.

`crm` asks it where customers live, `tweets` which dwelling a point is nearest to.
"""
