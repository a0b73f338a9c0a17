"""Kinds of legs, one file or folder each."""
