"""What may follow the names of commands, for completion."""

from __future__ import annotations

_SHOW = """aliases api application bridged_calls calls channels chat codec complete detailed_calls
    dialplan endpoint file interfaces limits modules nat_map registrations say tasks timer"""
_SOFIA = "status profile global loglevel recover xmlstatus jsonstatus help"
_FSCTL = """hupall loglevel max_sessions pause resume send_sighup shutdown sps last_sps
    default_dtmf_duration min_dtmf_duration max_dtmf_duration min_idle_cpu uuid_version
    pause_check shutdown_check ready_check sync_clock sync_clock_when_idle calibrate_clock
    api_expansion verbose_events sps_peak_reset reclaim_mem flush_db_handles save_history
    debug_sql recover crash"""
_LEVELS = "console alert crit err warning notice info debug"
WORDS = {
    "show": _SHOW.split(),
    "sofia": _SOFIA.split(),
    "sofia status": ["profile", "gateway"],
    "fsctl": _FSCTL.split(),
    "fsctl shutdown": ["asap", "cancel", "elegant", "now", "restart"],
    "fsctl pause": ["inbound", "outbound"],
    "fsctl resume": ["inbound", "outbound"],
    "fsctl loglevel": _LEVELS.split(),
}
"""What may follow the words before it."""
