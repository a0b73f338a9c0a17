"""``shell_stream://``: the sound that a program writes."""
