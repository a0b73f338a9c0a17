"""Rooms in which many calls hear each other: the module ``mod_conference``."""
