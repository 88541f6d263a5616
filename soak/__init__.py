"""The kill series: processes are killed with SIGKILL at random instants, and what they leave must equal a clean run.

Owns how they are killed, fed and compared; what they run is the graph itself. `python -m soak` starts it.
"""
