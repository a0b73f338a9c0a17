"""Calls that a web server leads: HTTAPI."""
