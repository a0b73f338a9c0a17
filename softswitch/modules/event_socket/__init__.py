"""The event socket: FreeSWITCH's control protocol."""
