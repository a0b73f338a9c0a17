"""Applications and commands in the operator's own folder."""
