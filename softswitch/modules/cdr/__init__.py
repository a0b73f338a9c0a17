"""Call detail records: a journal that loses nothing, and what is fed from it."""
