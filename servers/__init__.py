"""Real servers on loopback, for trying and testing Quadrant against what it meets in production.

Tools beside the product, behind `make servers` and `make test-real`: nothing of the product imports them.
"""
