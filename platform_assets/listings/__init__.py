"""Listings: files of a root and listing files that land, each minute: text -> CSV -> JSON -> API, and no line lost.

Asked for by whoever wants to know which files there are; the documents end in the store of `services.listing_api`.
"""
