"""The asset graph, by domain: what Quadrant makes, of what, and when."""
