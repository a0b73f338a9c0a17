"""Presence of a profile: who watches whom, and what watchers are told (RFC 6665, RFC 3903)."""
