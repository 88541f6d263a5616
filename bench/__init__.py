"""Side by side with the usual way: `python -m bench` prints a table of ratios, CPU seconds and peak memory.

One module per claim; how a side is measured is in `measuring`. Nothing here is part of the product.
"""
