"""``conference.conf``: the profiles that rooms are made from, and what keys do in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator
from softswitch.media.parameters import MixerParameters
from softswitch.modules.conference import flags

MOST_ENERGY = 1800
"""The highest gate that keys and commands set."""
NO_CONTROLS = "none"
DEFAULT_NOISE = 1400
_SILENCES = frozenset(("", "silence", "none"))

ACTIONS = frozenset(
    {
        "mute", "mute on", "mute off", "deaf", "deaf on", "deaf off", "deaf mute",
        "energy up", "energy equ", "energy dn", "vol talk up", "vol talk zero", "vol talk dn",
        "vol listen up", "vol listen zero", "vol listen dn", "hangup", "event", "lock",
        "transfer", "execute_application", "floor", "moh toggle",
    }
)  # fmt: skip
"""What a key may do."""
VIDEO_ACTIONS = frozenset(
    "vmute;vmute on;vmute off;vmute snap;vmute snapoff;vid-floor;vid-floor-force;border".split(";")
)
"""What a key may do elsewhere: there are no videos here."""


@dataclass(frozen=True, slots=True)
class ConferenceProfile:
    """A profile: how its rooms sound, who may enter, and what is announced."""

    place: ClassVar[str] = "<profile> of <profiles>"

    rate: str = param("rate", "8000", help="samples a second the room mixes at; auto: the caller's")
    channels: int = param("channels", 1, minimum=1, maximum=2, help="2 gives members places")
    interval: int = param(
        "interval", 20, minimum=10, maximum=120, help="milliseconds between two mixes"
    )
    domain: str = param("domain", "", help="domain of the room, as events tell it")
    energy_level: int = param(
        "energy-level", 0, minimum=0, maximum=MOST_ENERGY,
        help="loudness above which sound is a voice; 0 lets everything pass",
    )  # fmt: skip
    auto_energy_level: int = param(
        "auto-energy-level", 0, minimum=0, help="noisy members' levels rise up to this; 0 never"
    )
    auto_energy_seconds: int = param(
        "auto-energy-seconds", 5, minimum=1, help="quiet seconds until a risen level falls"
    )
    max_energy_level: int = param(
        "max-energy-level", 0, minimum=0, help="who is louder is silenced for a while; 0 nobody"
    )
    max_energy_hits: int = param(
        "max-energy-hit-trigger", 0, minimum=0, help="too loud frames that are borne"
    )
    max_energy_mute_ms: int = param(
        "max-energy-level-mute-ms", 0, minimum=0, help="for how long who is too loud is silenced"
    )
    heartbeat_period: int = param(
        "heartbeat-period-sec", 0, minimum=0, help="seconds between events conference-heartbeat, 20"
        " at least; 0 none",
    )  # fmt: skip
    auto_gain_level: int = param(
        "auto-gain-level", 0, minimum=0, help="loudness that voices are brought to; 0 as they are"
    )
    auto_gain_low: int = param(
        "auto-gain-low-energy-level", 0, minimum=0, help="what is quieter does not count"
    )
    auto_gain_margin: int = param(
        "auto-gain-margin", 100, minimum=0, help="deviation that is left alone"
    )
    auto_gain_change: int = param(
        "auto-gain-change-factor", 1, minimum=1, maximum=12, help="half decibels of one change"
    )
    auto_gain_period: int = param(
        "auto-gain-period-len", 20, minimum=1, help="frames that are judged together"
    )
    comfort_noise: str = param(
        "comfort-noise", "false", help="soft noise while nobody speaks: true, false or its divisor"
    )
    caller_controls: str = param("caller-controls", "default", help="group of keys; none for none")
    moderator_controls: str = param("moderator-controls", "", help="group of moderators' keys")
    caller_id_name: str = param("caller-id-name", "", help="name shown to who is called")
    caller_id_number: str = param("caller-id-number", "", help="number shown to who is called")
    pin: str = param("pin", "", help="digits to enter with")
    moderator_pin: str = param("moderator-pin", "", help="digits that make a moderator")
    pin_retries: int = param("pin-retries", 3, minimum=1, help="tries to enter the pin")
    pin_sound: str = param("pin-sound", "", help="asks for the pin")
    bad_pin_sound: str = param("bad-pin-sound", "", help="the pin was wrong")
    member_flags: tuple[str, ...] = param(
        "member-flags", (), separator="|", help="flags of every member"
    )
    conference_flags: tuple[str, ...] = param(
        "conference-flags", (), separator="|", help="flags of the room"
    )
    max_members: int = param("max-members", 0, minimum=0, help="more do not enter; 0 any number")
    max_members_sound: str = param("max-members-sound", "", help="the room is full")
    announce_count: int = param(
        "announce-count", 0, minimum=0, help="from so many on the number is said; 0 never"
    )
    enter_sound: str = param("enter-sound", "", help="somebody enters")
    member_enter_sound: str = param("member-enter-sound", "", help="to who enters, before he does")
    exit_sound: str = param("exit-sound", "", help="somebody leaves")
    alone_sound: str = param("alone-sound", "", help="to who is alone")
    perpetual_sound: str = param("perpetual-sound", "", help="without end, instead of all voices")
    moh_sound: str = param("moh-sound", "", help="music while alone or waiting; silence for none")
    muted_sound: str = param("muted-sound", "", help="to who was muted")
    mute_detect_sound: str = param("mute-detect-sound", "", help="to the muted who speak")
    unmuted_sound: str = param("unmuted-sound", "", help="to who may speak again")
    deaf_sound: str = param("deaf-sound", "", help="to who was made deaf")
    undeaf_sound: str = param("undeaf-sound", "", help="to who hears again")
    locked_sound: str = param("locked-sound", "", help="to who is not let in")
    is_locked_sound: str = param("is-locked-sound", "", help="the room was locked")
    is_unlocked_sound: str = param("is-unlocked-sound", "", help="the room was unlocked")
    kicked_sound: str = param("kicked-sound", "", help="to who is thrown out")
    join_only_sound: str = param("join-only-sound", "", help="there is no such room to join")
    sound_prefix: str = param("sound-prefix", "", help="where relative sounds begin")
    tts_engine: str = param("tts-engine", "", help="what speaks texts")
    tts_voice: str = param("tts-voice", "", help="its voice")
    suppress_events: tuple[str, ...] = param(
        "suppress-events", (), separator=",", help="actions that no event tells; all for all"
    )
    verbose_events: bool = param(
        "verbose-events", False, help="events carry all of the member's variables"
    )
    auto_record: str = param("auto-record", "", help="file of the recording that every room gets")
    min_recording_members: int = param(
        "min-required-recording-participants", 1, minimum=1, maximum=2,
        help="members that auto-record waits for",
    )  # fmt: skip
    terminate_on_silence: int = param(
        "terminate-on-silence", 0, minimum=0, help="silent seconds that end the room; 0 never"
    )
    endconf_grace_time: int = param(
        "endconf-grace-time", 0, minimum=0, help="seconds between the last endconf and the end"
    )
    dtmf_timeout: int = param(
        "ivr-dtmf-timeout", 500, minimum=0, help="milliseconds until a longer key is given up"
    )
    cdr_log_dir: str = param(
        "cdr-log-dir", "",
        help="folder of the rooms' records, below log_dir unless absolute; auto: conference_cdr",
    )  # fmt: skip
    cdr_event_mode: str = param(
        "cdr-event-mode", "none", choices=("none", "content", "file"),
        help="an event conference::cdr tells the record, or its file",
    )  # fmt: skip
    accepted: ClassVar[tuple[str, ...]] = (
        "ack-sound", "announce-count-sound", "blind-sound", "broadcast-chat-messages",
        "description", "force-interval",
        "ivr-input-timeout", "nack-sound", "outcall-templ",
        "recording-metadata", "scale-h264-canvas-bandwidth", "scale-h264-canvas-fps-divisor",
        "scale-h264-canvas-height", "scale-h264-canvas-width", "timer-name", "unblind-sound",
        "video-auto-floor-msec", "video-border-color", "video-border-size",
        "video-canvas-bgcolor", "video-canvas-bgimg", "video-canvas-count", "video-canvas-size",
        "video-codec-bandwidth", "video-codec-config-profile-name",
        "video-down-codec-bandwidth", "video-fps", "video-kps-debounce", "video-layout-bgcolor",
        "video-layout-conf", "video-layout-name", "video-letterbox-bgcolor", "video-mode",
        "video-mute-banner", "video-no-video-avatar", "video-quality", "video-second-screen",
        "video-super-canvas-bgcolor", "video-super-canvas-label-layers",
        "video-super-canvas-show-all-layers", "zoom-sound",
    )  # fmt: skip

    def mixer(self, caller_rate: int) -> MixerParameters:
        """How the room's mixer is set up for a first caller of that rate."""
        written = self.rate.strip()
        rate = int(written) if written.isdigit() else caller_rate
        noise = self.comfort_noise.strip().lower()
        divisor = int(noise) if noise.isdigit() else DEFAULT_NOISE
        on = noise.isdigit() or noise in ("true", "yes", "on", "enabled")
        return MixerParameters(
            rate=min(max(rate, 8000), 48000),
            interval_ms=self.interval,
            stereo=self.channels == 2,
            comfort_noise=(DEFAULT_NOISE if divisor == 1 else divisor) if on else 0,
            ungated="audio-always" in self.conference_flags,
        )

    @property
    def music(self) -> str:
        """What plays while somebody is alone; empty for nothing."""
        return "" if self.moh_sound.strip().lower() in _SILENCES else self.moh_sound


@dataclass(frozen=True, slots=True)
class Control:
    """What some keys do."""

    action: str
    data: str = ""


@dataclass(frozen=True, slots=True)
class ConferenceFile:
    """All of ``conference.conf``."""

    profiles: dict[str, ConferenceProfile]
    controls: dict[str, dict[str, Control]]
    """Groups of keys by name, each by its digits."""

    def profile(self, name: str) -> ConferenceProfile | None:
        """The profile of that name (any case), or None."""
        return self.profiles.get(name.lower())

    def keys(self, group: str) -> dict[str, Control]:
        """The keys of a group; none for an unknown one."""
        return {} if group.lower() == NO_CONTROLS else self.controls.get(group.lower(), {})


def read_settings(element: Element | None) -> tuple[ConferenceFile, list[Finding]]:
    """The settings in ``<configuration name="conference.conf">``, and what is wrong with them."""
    findings: list[Finding] = []
    profiles: dict[str, ConferenceProfile] = {}
    controls: dict[str, dict[str, Control]] = {}
    block = element.find("caller-controls") if element else None
    for group in block.findall("group") if block else ():
        controls[group.get("name", "").lower()] = _controls(group, findings)
    block = element.find("profiles") if element else None
    for written in block.findall("profile") if block else ():
        profile, wrong = read_params(written, ConferenceProfile)
        findings += wrong
        findings += _check(written, profile, set(controls))
        profiles[written.get("name", "").lower()] = profile
    return ConferenceFile(profiles, controls), findings


def _controls(group: Element, findings: list[Finding]) -> dict[str, Control]:
    keys: dict[str, Control] = {}
    for written in group.findall("control"):
        action, digits = written.get("action", "").lower(), written.get("digits", "")
        if action in VIDEO_ACTIONS:
            message = f"{action}: there are no videos here, the key does nothing"
            findings.append(written.finding("S405", message, "", Severity.NOTE, attribute="action"))
        elif action not in ACTIONS:
            message = f"there is no action {action!r}"
            hint = f"known are {', '.join(sorted(ACTIONS))}"
            findings.append(
                written.finding("S402", message, hint, Severity.WARNING, attribute="action")
            )
        elif not digits or set(digits.upper()) - set("0123456789*#ABCD"):
            message = f"digits={digits!r} are no keys of a telephone"
            findings.append(written.finding("S402", message, "", attribute="digits"))
        else:
            keys[digits] = Control(action, written.get("data", ""))
    return keys


def _check(element: Element, profile: ConferenceProfile, groups: set[str]) -> list[Finding]:
    findings = []

    def warn(name: str, message: str, hint: str = "") -> None:
        written = element.find("param", name=name) or element
        findings.append(written.finding("S402", message, hint, Severity.WARNING, attribute="value"))

    rate = profile.rate.strip().lower()
    if rate != "auto" and not (rate.isdigit() and 8000 <= int(rate) <= 48000):
        written = element.find("param", name="rate") or element
        message = f"rate={profile.rate!r} should be auto or from 8000 to 48000"
        findings.append(written.finding("S402", message, "", attribute="value"))
    for name, words, known in (
        ("member-flags", profile.member_flags, flags.MEMBER | flags.MEMBER_IDLE),
        ("conference-flags", profile.conference_flags, flags.ROOM | flags.ROOM_IDLE),
    ):
        for word in flags.unknown((word.lower() for word in words), known):
            warn(name, f"{name}: there is no flag {word!r}", "it is ignored")
    for name, group in (
        ("caller-controls", profile.caller_controls),
        ("moderator-controls", profile.moderator_controls),
    ):
        if group and group.lower() not in groups | {NO_CONTROLS, "default"}:
            warn(name, f"there is no group of caller controls {group!r}", "no key does anything")
    return findings


def _validate(configuration: Configuration) -> list[Finding]:
    return read_settings(configuration.configuration("conference.conf"))[1]


register_validator("configuration", _validate)
