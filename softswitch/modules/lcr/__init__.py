"""Least cost routing: the carriers of a number by their rates."""
