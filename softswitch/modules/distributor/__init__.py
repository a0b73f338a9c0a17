"""Lists of names given out in turn, by their weights."""
