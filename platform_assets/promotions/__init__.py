"""Promotions of the retail business: what shoppers buy, which kind of shopper they are, who gets what, what it changed.

Campaign people ask it, and the service `promotions` through its store; it asks no other domain: a shopper is known by
the number of a loyalty card, and is no customer of the bank.
"""
