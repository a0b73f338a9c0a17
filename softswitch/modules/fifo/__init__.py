"""Queues in which callers wait for whoever takes them: the module ``mod_fifo``."""
