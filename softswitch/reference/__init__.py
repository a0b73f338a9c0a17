"""What can be named in a configuration, told: help, reference pages, the compatibility table."""
