"""Sounds of web servers, kept by what their headers say."""
