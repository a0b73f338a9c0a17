"""Log files that rotate, written beside the loop."""
