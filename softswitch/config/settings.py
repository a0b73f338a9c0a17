"""The settings of the core and its logs: switch.conf, console.conf and logfile.conf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator

LEVELS = ("console", "alert", "crit", "err", "warning", "notice", "info", "debug")
_LEVEL_CHOICES = (*LEVELS, *(str(number) for number in range(10)))
LOG_FORMATS = ("freeswitch", "json")
_DTMF = "in samples at 8000 Hz"


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """``switch.conf``: limits, ports and defaults of the core."""

    max_sessions: int = param(
        "max-sessions", 1000, minimum=1, help="sessions at one time; more are refused"
    )
    sessions_per_second: int = param(
        "sessions-per-second", 30, minimum=1, help="new sessions in one second"
    )
    loglevel: str = param(
        "loglevel", "debug", choices=_LEVEL_CHOICES, help="lowest level that is logged"
    )
    switchname: str = param("switchname", "", help="name of this switch; the host's if empty")
    colorize_console: bool = param("colorize-console", False, help="colours on the console")
    rtp_start_port: int = param(
        "rtp-start-port", 16384, minimum=1, maximum=65535, help="first port for media"
    )
    rtp_end_port: int = param(
        "rtp-end-port", 32768, minimum=1, maximum=65535, help="last port for media"
    )
    min_idle_cpu: float = param(
        "min-idle-cpu", 0.0, minimum=0, maximum=100, help="percent; a busier machine takes no calls"
    )
    uuid_version: str = param(
        "uuid-version", "4", choices=("4", "7"), help="of new ids: 4 random, 7 sorting by time"
    )
    media_threads: int = param(
        "media-threads", 0, minimum=0, maximum=256, help="that carry RTP; 0 is one a processor"
    )
    media_io_uring: bool = param(
        "media-io-uring", True, help="carry RTP over io_uring where the kernel allows it"
    )
    min_dtmf_duration: int = param(
        "min-dtmf-duration", 400, minimum=400, maximum=192000, help=f"shortest digit, {_DTMF}"
    )
    default_dtmf_duration: int = param(
        "default-dtmf-duration", 2000, minimum=400, maximum=192000, help=f"usual digit, {_DTMF}"
    )
    max_dtmf_duration: int = param(
        "max-dtmf-duration", 192000, minimum=400, maximum=192000, help=f"longest digit, {_DTMF}"
    )
    heartbeat_interval: float = param(
        "event-heartbeat-interval", 20.0, unit=Unit.SECONDS, minimum=1, help="between HEARTBEATs"
    )
    api_expansion: bool = param(
        "api-expansion", True, help="${command(arguments)} runs the command"
    )
    core_db_dsn: str = param(
        "core-db-dsn", "", help="PostgreSQL for all that is stored, pgsql://…; SQLite if empty"
    )
    verbose_channel_events: bool = param(
        "verbose-channel-events", False, help="all variables in every event of a call"
    )
    accepted: ClassVar[tuple[str, ...]] = (
        "1ms-timer", "auto-clear-sql", "auto-create-schemas",
        "caller-profile-soft-lookup-values", "caller-profile-soft-variables-uses-prefix",
        "core-db-inner-post-trans-execute", "core-db-inner-pre-trans-execute",
        "core-db-name", "core-db-post-trans-execute", "core-db-pre-trans-execute",
        "core-dbtype", "core-non-sqlite-db-required", "cpu-idle-smoothing-depth",
        "db-handle-timeout", "debug-level", "dialplan-timestamps", "dump-cores",
        "enable-clock-nanosleep", "enable-cond-yield", "enable-early-hangup",
        "enable-monotonic-timing", "enable-softtimer-timerfd", "enable-timer-matrix",
        "enable-use-system-time", "event-channel-enable-hierarchy-deliver",
        "event-channel-enable-hub-and-spoke", "event-channel-hierarchy-deliver-once",
        "event-channel-key-separator", "event-channel-log-undeliverable-json",
        "events-use-dispatch",
        "exclude-error-log-from-xml-cdr", "ice-resolve-candidate", "initial-event-threads",
        "mailer-app", "mailer-app-args", "max-audio-channels", "max-db-handles",
        "max-sql-buffer-len", "multiple-registrations", "odbc-dsn",
        "odbc-skip-autocommit-flip", "rtp-port-usage-robustness", "rtp-retain-crypto-keys",
        "session-thread-pool", "spawn-instead-of-system", "sql-buffer-len",
        "threaded-system-exec", "timer-affinity", "tipping-point",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """``console.conf``: what the foreground console shows."""

    colorize: bool = param("colorize", True, help="colours for each level")
    loglevel: str = param(
        "loglevel", "info", choices=_LEVEL_CHOICES, help="lowest level that is shown"
    )
    uuid: bool = param("uuid", False, help="write the call's id before its lines")
    format: str = param(
        "format", "short", choices=("short", *LOG_FORMATS), help="form of the lines"
    )


@dataclass(frozen=True, slots=True)
class LogfileSettings:
    """A profile of ``logfile.conf``: where the log goes and when a new file is begun."""

    logfile: str = param("logfile", "", help="path; softswitch.log in log_dir if empty")
    rollover: int = param("rollover", 0, minimum=0, help="bytes until a new file; 0 never")
    maximum_rotate: int = param(
        "maximum-rotate", 0, minimum=0, help="old files that are kept; 0 all"
    )
    uuid: bool = param("uuid", True, help="write the call's id before its lines")
    format: str = param("format", "freeswitch", choices=LOG_FORMATS, help="form of the lines")


def read_switch_settings(configuration: Configuration) -> tuple[SwitchSettings, list[Finding]]:
    """The core's settings, and what is wrong with them."""
    block = _settings(configuration.configuration("switch.conf"))
    settings, findings = read_params(block, SwitchSettings)
    if settings.rtp_start_port >= settings.rtp_end_port and block is not None:
        findings.append(
            _at(block, "rtp-end-port", "rtp-start-port").finding(
                "S403",
                f"rtp-end-port {settings.rtp_end_port} is not above rtp-start-port "
                f"{settings.rtp_start_port}",
                "each call needs two ports of the range",
                attribute="value",
            )
        )
    shortest, usual, longest = (
        settings.min_dtmf_duration,
        settings.default_dtmf_duration,
        settings.max_dtmf_duration,
    )
    if not shortest <= usual <= longest and block is not None:
        findings.append(
            _at(block, "default-dtmf-duration", "min-dtmf-duration", "max-dtmf-duration").finding(
                "S403",
                f"default-dtmf-duration {usual} is not from {shortest} to {longest}",
                "min-dtmf-duration and max-dtmf-duration bound it",
                Severity.WARNING,
                attribute="value",
            )
        )
    return settings, findings


def read_console_settings(configuration: Configuration) -> tuple[ConsoleSettings, list[Finding]]:
    """The console's settings, and what is wrong with them."""
    return read_params(_settings(configuration.configuration("console.conf")), ConsoleSettings)


def read_logfile_settings(
    configuration: Configuration,
) -> tuple[dict[str, LogfileSettings], list[Finding]]:
    """Each log file's settings by profile name, and what is wrong with them."""
    element = configuration.configuration("logfile.conf")
    profiles = element.find("profiles") if element else None
    found: dict[str, LogfileSettings] = {}
    findings: list[Finding] = []
    for profile in profiles.findall("profile") if profiles else ():
        settings, wrong = read_params(_settings(profile), LogfileSettings)
        found[profile.get("name", "default")] = settings
        findings.extend(wrong)
    return found, findings


def _settings(element: Element | None) -> Element | None:
    return element.find("settings") if element else None


def _at(block: Element, *names: str) -> Element:
    """The first of these parameters that is written, or the block."""
    written = (next(block.findall("param", name=name), None) for name in names)
    return next((element for element in written if element is not None), block)


def _validate(configuration: Configuration) -> list[Finding]:
    return [
        *read_switch_settings(configuration)[1],
        *read_console_settings(configuration)[1],
        *read_logfile_settings(configuration)[1],
    ]


register_validator("configuration", _validate)
