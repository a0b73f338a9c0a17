"""Configuration, users and dialplan asked of a web server: FreeSWITCH's mod_xml_curl."""
