"""File formats and stream schemes that can be played, one file each."""
