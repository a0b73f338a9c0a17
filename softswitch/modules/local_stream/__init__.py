"""``local_stream://``: music that goes on whether anybody listens or not."""
