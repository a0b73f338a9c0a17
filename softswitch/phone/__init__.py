"""A command-line phone on the project's own SIP stack and engine."""
