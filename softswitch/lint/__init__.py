"""The configuration linter behind ``softswitch check``."""
