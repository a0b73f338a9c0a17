"""Console and event-socket commands, one family a file."""
