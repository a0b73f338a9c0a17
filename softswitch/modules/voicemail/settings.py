"""The settings of ``voicemail.conf``: keys, limits and mail of each profile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator

CODES.update({"V901": "a key of voicemail is no key, or means two things at once"})

DATES = ("first", "last", "never")
_KEYS = "0123456789*#"


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """``<email>`` of a profile."""

    place: ClassVar[str] = "<email> of a <profile>"

    template_file: str = param("template-file", "", help="of mails with the message")
    notify_template_file: str = param("notify-template-file", "", help="of mails without it")
    email_from: str = param(
        "email-from", "${voicemail_account}@${voicemail_domain}", help="who sends the mails"
    )
    date_format: str = param("date-fmt", "%A, %B %d %Y, %I:%M %p", help="of voicemail_time")
    smtp_server: str = param("smtp-server", "localhost", help="host[:port] that takes mail")
    smtp_user: str = param("smtp-user", "", help="name for the server")
    smtp_password: str = param("smtp-password", "", help="password for the server")
    smtp_tls: str = param(
        "smtp-tls", "off", choices=("off", "starttls", "on"), help="encryption to the server"
    )
    accepted: ClassVar[tuple[str, ...]] = ("headers", "body")


@dataclass(frozen=True, slots=True)
class VoicemailSettings:
    """``<settings>`` of ``voicemail.conf``."""

    exact_match: bool = param(
        "message-query-exact-match",
        False,
        help="phones are told what waits in the profile that is named like their domain alone",
    )
    accepted: ClassVar[tuple[str, ...]] = ("debug",)


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """A profile of ``voicemail.conf``."""

    place: ClassVar[str] = "a <profile>"
    also: ClassVar[tuple[type, ...]] = (VoicemailSettings, EmailSettings)

    terminator_key: str = param("terminator-key", "#", help="ends what is typed; leaves the menu")
    play_new_key: str = param("play-new-messages-key", "1", help="menu: hear new messages")
    play_saved_key: str = param("play-saved-messages-key", "2", help="menu: hear saved messages")
    play_new_lifo: bool = param("play-new-messages-lifo", False, help="the newest first")
    play_saved_lifo: bool = param("play-saved-messages-lifo", False, help="the newest first")
    login_keys: str = param("login-keys", "0", help="keys that log in during a greeting")
    main_menu_key: str = param("main-menu-key", "0", help="options: back to the menu")
    skip_greet_key: str = param("skip-greet-key", "#", help="goes from the greeting to the beep")
    skip_info_key: str = param("skip-info-key", "*", help="skips the heading of a message")
    config_menu_key: str = param("config-menu-key", "5", help="menu: options")
    record_greeting_key: str = param("record-greeting-key", "1", help="options: record a greeting")
    choose_greeting_key: str = param("choose-greeting-key", "2", help="options: choose a greeting")
    record_name_key: str = param("record-name-key", "3", help="options: record the name")
    change_pass_key: str = param("change-pass-key", "6", help="options: change the password")
    record_file_key: str = param("record-file-key", "3", help="review: record again")
    listen_file_key: str = param("listen-file-key", "1", help="hear the recording again")
    save_file_key: str = param("save-file-key", "2", help="save")
    delete_file_key: str = param("delete-file-key", "7", help="delete the message")
    undelete_file_key: str = param("undelete-file-key", "8", help="take a deleted message back")
    email_key: str = param("email-key", "4", help="send the message by e-mail")
    callback_key: str = param("callback-key", "5", help="call the one who left the message")
    pause_key: str = param("pause-key", "0", help="pause and go on")
    restart_key: str = param("restart-key", "1", help="from the beginning")
    ff_key: str = param("ff-key", "6", help="three seconds forward")
    rew_key: str = param("rew-key", "4", help="six seconds back")
    louder_key: str = param("louder-key", "", help="the message louder")
    quieter_key: str = param("quieter-key", "", help="the message quieter")
    faster_key: str = param("faster-key", "", help="the message a quarter faster")
    slower_key: str = param("slower-key", "", help="the message a quarter slower")
    previous_message_key: str = param("previous-message-key", "1", help="the message before")
    next_message_key: str = param("next-message-key", "3", help="the message behind")
    repeat_message_key: str = param("repeat-message-key", "0", help="the message again")
    urgent_key: str = param("urgent-key", "*", help="marks a message urgent")
    operator_key: str = param("operator-key", "", help="goes to operator-extension")
    vmain_key: str = param("vmain-key", "", help="goes to vmain-extension")
    operator_extension: str = param(
        "operator-extension", "", help="<dest> [<dialplan> [<context>]]"
    )
    vmain_extension: str = param("vmain-extension", "", help="<dest> [<dialplan> [<context>]]")
    forward_key: str = param("forward-key", "8", help="forward the message")
    prepend_key: str = param("prepend-key", "1", help="forward it with words of one's own")
    file_extension: str = param("file-extension", "wav", help="format of messages and greetings")
    record_title: str = param("record-title", "Voicemail", help="title tag of recordings")
    record_comment: str = param("record-comment", "Voicemail", help="comment tag of recordings")
    record_copyright: str = param("record-copyright", "", help="copyright tag of recordings")
    tone_spec: str = param("tone-spec", "%(1000, 0, 640)", help="the beep, in TGML")
    storage_dir: str = param("storage-dir", "", help="folder of messages; below storage_dir")
    storage_dir_shared: bool = param(
        "storage-dir-shared", False, help="<storage-dir>/<domain>/voicemail/<id>"
    )
    callback_dialplan: str = param("callback-dialplan", "XML", help="of calls back")
    callback_context: str = param("callback-context", "default", help="of calls back")
    date_announcement: str = param(
        "play-date-announcement", "first", choices=DATES, help="when the date is said"
    )
    digit_timeout: float = param(
        "digit-timeout", 10.0, unit=Unit.MILLISECONDS, minimum=1, help="how long a key may take"
    )
    max_login_attempts: int = param("max-login-attempts", 3, minimum=1, help="per call")
    min_record_len: int = param("min-record-len", 3, minimum=0, help="seconds of a message")
    max_record_len: int = param("max-record-len", 300, minimum=1, help="seconds of a message")
    max_retries: int = param("max-retries", 3, minimum=1, help="mistakes until it is over")
    silence_threshold: int = param(
        "record-silence-threshold", 200, minimum=0, help="level below which it is silence"
    )
    silence_hits: int = param(
        "record-silence-hits", 2, minimum=0, help="seconds of silence that end a recording"
    )
    record_sample_rate: int = param("record-sample-rate", 0, minimum=0, help="Hz; 0 the codec's")
    db_password_override: bool = param(
        "db-password-override", False, help="a chosen password alone counts"
    )
    allow_empty_password: bool = param(
        "allow-empty-password-auth", True, help="user-choose without a password lets in"
    )
    auto_playback: bool = param(
        "auto-playback-recordings", False, help="play each recording to the one who made it"
    )
    send_full_vm_header: bool = param(
        "send-full-vm-header", False, help="urgent messages in the message summary"
    )
    max_messages: int = param("max-messages", 0, minimum=0, help="of one mailbox; 0 any number")
    accepted: ClassVar[tuple[str, ...]] = tuple("web-template-file odbc-dsn dbname".split())
    notify_headers: str = param("notify-email-headers", "", help="of mails without the message")
    notify_body: str = param("notify-email-body", "", help="of mails without the message")
    convert_cmd: str = param(
        "convert-cmd", "", help="program that makes another file of one, for mails: IN and OUT"
    )
    convert_ext: str = param("convert-ext", "", help="extension of what it makes, such as mp3")


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile by its name."""

    name: str
    settings: ProfileSettings = field(default_factory=ProfileSettings)
    email: EmailSettings = field(default_factory=EmailSettings)
    headers: str = ""
    """Of mails with the message, written in ``<email>``; so is ``body``."""
    body: str = ""


def read_voicemail(configuration: Configuration) -> tuple[VoicemailSettings, list[Finding]]:
    """What holds for all profiles, and what is wrong with it."""
    element = configuration.configuration("voicemail.conf")
    return read_params(element.find("settings") if element else None, VoicemailSettings)


def read_profiles(configuration: Configuration) -> tuple[dict[str, Profile], list[Finding]]:
    """Each profile by its name, ``default`` where none is written, and what is wrong."""
    element = configuration.configuration("voicemail.conf")
    profiles = element.find("profiles") if element else None
    found: dict[str, Profile] = {}
    findings: list[Finding] = []
    for item in profiles.findall("profile") if profiles else ():
        name = item.get("name", "default")
        settings, wrong = read_params(item, ProfileSettings)
        email, wrong_email = read_params(item.find("email"), EmailSettings)
        written = [_inside(item.find("email"), tag) for tag in ("headers", "body")]
        found.setdefault(name, Profile(name, settings, email, *written))
        findings += [*wrong, *wrong_email, *_keys(item)]
    return found or {"default": Profile("default")}, findings


def _inside(email: Element | None, tag: str) -> str:
    child = email.find(tag) if email else None
    return child.text.strip() if child else ""


def _keys(profile: Element) -> list[Finding]:
    """Parameters whose name ends in ``-key`` and whose value is no key."""
    return [
        item.finding(
            "V901",
            f"{item.get('name')}={item.get('value')!r} is no key",
            f"one of {_KEYS}, or nothing",
            Severity.WARNING,
            attribute="value",
        )
        for item in profile.findall("param")
        if item.get("name", "").endswith("-key")
        and item.get("value", "")
        and item.get("value", "") not in tuple(_KEYS)
    ]


def _problems(configuration: Configuration) -> list[Finding]:
    return read_voicemail(configuration)[1] + read_profiles(configuration)[1]


register_validator("configuration", _problems)
