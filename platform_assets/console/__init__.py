"""The commands behind `make`: run, ui, arrive and sql. What they show is here; what they run is the asset graph."""
