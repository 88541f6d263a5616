"""Files as they arrive in the object store: what holds their bytes, their lines, their records, what cannot be read.

Which columns a file has and what makes a good row is said by the domain that reads it.
"""
