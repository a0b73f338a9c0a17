"""The languages of ``say``, one file each."""
