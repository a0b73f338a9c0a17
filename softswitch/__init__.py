"""A softswitch that speaks FreeSWITCH's XML, dial strings and event socket."""

__version__ = "0.1.0"
