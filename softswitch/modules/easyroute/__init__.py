"""From a number to its gateway by a table."""
