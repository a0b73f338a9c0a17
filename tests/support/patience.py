"""How long tests wait for what is sure to come."""

PATIENCE = 100.0
"""Seconds that anything may take on a slow and busy machine; what works takes milliseconds, and
only what is broken takes them all.
"""
