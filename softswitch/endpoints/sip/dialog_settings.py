"""The settings of a SIP profile that concern calls within their dialogs, and subscriptions."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.params import param
from softswitch.sip.identity import ALLOW
from softswitch.sip.session_timer import SHORTEST, SessionInterval

_EVERY_CALL = ("timer", "path", "replaces")


@dataclass(frozen=True)
class DialogSettings:
    """What a profile says of provisional responses, session timers, redirections and transfers."""

    enable_100rel: bool = param(
        "enable-100rel", False, help="provisional responses are acknowledged by PRACK"
    )
    enable_timer: bool = param("enable-timer", True, help="take part in session timers")
    session_timeout: int = param(
        "session-timeout", 0, minimum=0, help="seconds between refreshes that we ask for; 0 none"
    )
    minimum_session_expires: int = param(
        "minimum-session-expires", 120, minimum=SHORTEST, help="shortest session interval we accept"
    )
    update_refresher: bool = param(
        "update-refresher", False, help="refresh sessions by UPDATE, not by re-INVITE"
    )
    allow_update: bool = param("allow-update", True, help="take UPDATE")
    ignore_183nosdp: bool = param(
        "ignore-183nosdp", False, help="a 183 without a description is no ringing"
    )
    cid_in_1xx: bool = param("cid-in-1xx", True, help="provisional answers tell whom one reaches")
    parse_all_invite_headers: bool = param(
        "parse-all-invite-headers", False, help="all headers of an INVITE as sip_i_ variables"
    )
    parse_invite_tel_params: bool = param(
        "parse-invite-tel-params",
        False,
        help="parameters inside of a dialled user (123;cpc=ordinary) as sip_invite_NAME variables",
    )
    p_asserted_id_parse: str = param(
        "p-asserted-id-parse",
        "default",
        choices=("default", "user-only", "user-domain", "verbatim"),
        help="what sip_P-Asserted-Identity has of the header: the user unless told otherwise",
    )
    disable_hold: bool = param("disable-hold", False, help="a phone that holds is not HELD")
    proxy_hold: bool = param(
        "proxy-hold", False, help="a phone's hold is passed on: its partner is held, hears no music"
    )
    proxy_info: bool = param("proxy-info", False, help="INFO goes on to the other leg")
    proxy_info_content_types: str = param(
        "proxy-info-content-types", "", help="INFO of these types goes on to the other leg, or all"
    )
    proxy_message: bool = param(
        "proxy-message", False, help="MESSAGE within calls goes on to the other leg"
    )
    proxy_notify_events: str = param(
        "proxy-notify-events", "", help="NOTIFY of these events goes on to the other leg, or all"
    )
    proxy_refer: bool = param(
        "proxy-refer", False, help="REFER goes on to the other leg, which carries it out"
    )
    proxy_refer_replaces: bool = param(
        "proxy-refer-replaces", False, help="the same as proxy-refer"
    )
    confirm_blind_transfer: bool = param(
        "confirm-blind-transfer", False, help="who transfers waits for the outcome"
    )
    send_display_update: bool = param(
        "send-display-update", True, help="tell other switches of this kind whom one talks to now"
    )
    enable_chat: bool = param("enable-chat", True, help="take messages outside of calls")
    in_dialog_chat: bool = param(
        "in-dialog-chat", False, help="messages within calls go to the chat plan too"
    )
    auth_messages: bool = param(
        "auth-messages", False, help="messages need a password, as calls may"
    )
    disable_auth_messages: bool = param("disable-auth-messages", False, help="messages need none")
    sip_messages_respond_200_ok: bool = param(
        "sip-messages-respond-200-ok", False, help="messages are answered with 200, not 202"
    )
    manual_redirect: bool = param(
        "manual-redirect", False, help="a 3xx sends the caller through the dialplan"
    )
    standby: bool = param(
        "profile-standby", False, help="refuse everything outside of calls with 503"
    )
    options_busy: bool = param(
        "sip-options-respond-503-on-busy",
        False,
        help="OPTIONS are answered with 503 while no more calls are taken",
    )
    outbound_use_uuid_as_callid: bool = param(
        "outbound-use-uuid-as-callid", False, help="the Call-ID of legs we call is their uuid"
    )
    inbound_use_callid_as_uuid: bool = param(
        "inbound-use-callid-as-uuid", False, help="the uuid of calls to us is their Call-ID"
    )

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of our Allow header."""
        return tuple(item for item in ALLOW if self.allow_update or item != "UPDATE")

    @property
    def extensions(self) -> tuple[str, ...]:
        """The option tags of our Supported header."""
        tags = _EVERY_CALL if self.enable_timer else _EVERY_CALL[1:]
        return ("100rel", *tags) if self.enable_100rel else tags

    @property
    def session_interval(self) -> SessionInterval:
        """What calls want of session timers unless they say else."""
        return SessionInterval(
            enabled=self.enable_timer,
            wanted=self.session_timeout,
            minimum=self.minimum_session_expires,
            by_update=self.update_refresher,
        )
