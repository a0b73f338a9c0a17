"""Call centre: queues that offer callers to agents. The module ``mod_callcenter``."""
