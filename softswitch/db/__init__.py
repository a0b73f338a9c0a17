"""SQL drivers; queries stand beside their owners."""
