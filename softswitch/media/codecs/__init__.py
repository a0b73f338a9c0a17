"""Codecs as SDP names them, one file each."""
