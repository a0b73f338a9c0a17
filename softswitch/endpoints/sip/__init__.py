"""The SIP endpoint: profiles and the roles they play."""
