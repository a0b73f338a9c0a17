"""Signalling sockets, and nothing but sockets."""
