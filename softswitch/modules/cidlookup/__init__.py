"""Who calls: names looked up by the caller's number."""
