"""Telephone numbers looked up in DNS: ENUM (RFC 6116)."""
