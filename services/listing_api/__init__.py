"""The listing API over HTTP: documents are posted to it, and each is kept once however often it arrives.

Where they are kept is in `resources.listing_store`; who posts them belongs to the domain `listings`.
"""
