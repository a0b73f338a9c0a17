"""SIP, sans-IO: bytes and time in, bytes and events out (RFC 3261)."""
