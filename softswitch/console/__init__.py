"""The console: an fs_cli-style client of the event socket."""
