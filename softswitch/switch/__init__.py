"""The core: channels, sessions, originate, bridge, events."""
