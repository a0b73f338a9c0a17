"""mod_directory: callers spell a name on the keypad and are put through."""
