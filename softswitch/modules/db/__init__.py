"""Limits that several switches share."""
