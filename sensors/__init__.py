"""What starts runs: one module per event, and the schedules. A sensor never opens the warehouse."""
