"""Subsystems that configuration loads, one folder each."""
