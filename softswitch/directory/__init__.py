"""Users, groups and domains."""
