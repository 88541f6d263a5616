"""Mutated inputs for every parser: none may crash it, hang it, fill the memory, or vanish between rows and rejects.

Owns the mutations, the oracles and the watchdog; parsers are in their domains. `python -m fuzz` starts it.
"""
