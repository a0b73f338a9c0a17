"""The settings of a SIP profile and of a gateway, under FreeSWITCH's parameter names."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.params import Unit, param
from softswitch.endpoints.sip.absent_settings import OF_ALL, OF_GATEWAYS, OF_PROFILES
from softswitch.endpoints.sip.dialog_settings import DialogSettings
from softswitch.endpoints.sip.presence.settings import PresenceSettings
from softswitch.endpoints.sip.registration_settings import RegistrationSettings
from softswitch.endpoints.sip.security_settings import SecuritySettings
from softswitch.endpoints.sip.transport_settings import TransportSettings

TRACE_LEVELS = {
    "console": logging.CRITICAL,
    "alert": logging.CRITICAL,
    "crit": logging.CRITICAL,
    "err": logging.ERROR,
    "warning": logging.WARNING,
    "notice": logging.INFO,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
"""FreeSWITCH's words for the level of traces, to those of the log."""


@dataclass(frozen=True, slots=True)
class GlobalSettings:
    """``<global_settings>`` of ``sofia.conf``: what all profiles have in common."""

    capture_server: str = param(
        "capture-server", "", help="where copies of messages go: udp:host:port;hep=3"
    )
    tracelevel: str = param(
        "tracelevel",
        "info",
        choices=tuple(TRACE_LEVELS),
        help="at what level traces of messages go to the log",
    )
    abort_on_empty_external_ip: bool = param(
        "abort-on-empty-external-ip",
        False,
        help="a profile whose ext-sip-ip or ext-rtp-ip cannot be found does not start",
    )

    accepted: ClassVar[Mapping[str, str]] = OF_ALL


@dataclass(frozen=True)
class ProfileSettings(
    TransportSettings, RegistrationSettings, SecuritySettings, DialogSettings, PresenceSettings
):
    """``<settings>`` of a ``<profile>``: addresses, admission, codecs, timers."""

    rtp_ip: str = param("rtp-ip", "", help="address for media; sip-ip if empty")
    ext_sip_ip: str = param(
        "ext-sip-ip",
        "",
        help="what others know us by: an address, autonat:<address>, host:<name> or stun:<server>;"
        " auto-nat is our own, since routers are not asked by UPnP or NAT-PMP",
    )
    ext_rtp_ip: str = param("ext-rtp-ip", "", help="where others send media, in the same words")
    ext_sip_port: int = param(
        "ext-sip-port", 0, minimum=0, maximum=65535, help="port that others are told; 0 for ours"
    )
    local_network_acl: str = param(
        "local-network-acl", "localnet.auto", help="who is in our network and knows us by sip-ip"
    )
    user_agent: str = param("user-agent-string", "", help="what we call ourselves")
    username: str = param("username", "softswitch", help="user name of SDP's o= line")
    contact_user: str = param("contact-user", "mod_sofia", help="user of our Contact")
    sip_domain: str = param("sip-domain", "", help="host of our From; the profile's address else")
    context: str = param("context", "default", help="dialplan context of calls")
    dialplan: str = param("dialplan", "XML", help="dialplan of calls")
    full_id: bool = param("full-id-in-dialplan", False, help="user@host as destination number")
    codec_prefs: tuple[str, ...] = param("codec-prefs", (), separator=",", help="both directions")
    inbound_codec_prefs: tuple[str, ...] = param(
        "inbound-codec-prefs", (), separator=",", help="codecs for callers"
    )
    outbound_codec_prefs: tuple[str, ...] = param(
        "outbound-codec-prefs", (), separator=",", help="codecs for legs we call"
    )
    inbound_codec_negotiation: str = param(
        "inbound-codec-negotiation",
        "generous",
        choices=("generous", "greedy", "scrooge"),
        help="whose order of codecs counts",
    )
    inbound_late_negotiation: bool = param(
        "inbound-late-negotiation", False, help="choose codecs when the dialplan ran"
    )
    rfc2833_pt: int = param(
        "rfc2833-pt", 101, minimum=96, maximum=127, help="payload type of DTMF events"
    )
    dtmf_type: str = param(
        "dtmf-type", "rfc2833", choices=("rfc2833", "info", "none"), help="how digits travel"
    )
    dtmf_duration: int = param(
        "dtmf-duration", 2000, minimum=400, maximum=192000, help="digits sent, in samples at 8 kHz"
    )
    rtp_timeout_sec: int = param(
        "rtp-timeout-sec", 0, minimum=0, help="hang up after so long without a packet"
    )
    rtp_hold_timeout_sec: int = param(
        "rtp-hold-timeout-sec", 0, minimum=0, help="the same while the call is held"
    )
    disable_transcoding: bool = param(
        "disable-transcoding", False, help="offer legs we call the caller's codec alone"
    )
    inbound_bypass_media: bool = param(
        "inbound-bypass-media",
        False,
        aliases=("inbound-no-media",),
        help="bypass_media for every caller",
    )
    inbound_proxy_media: bool = param(
        "inbound-proxy-media", False, help="proxy_media for every caller"
    )
    media_option: tuple[str, ...] = param(
        "media-option",
        (),
        choices=(
            "resume-media-on-hold",
            "bypass-media-after-hold",
            "bypass-media-after-att-xfer",
            "none",
        ),
        help="when bypassed media come back, and when media go past the switch (repeatable)",
    )
    t38_passthru: bool = param(
        "t38-passthru", False, help="fax by T.38 passes between legs, as t38_passthru"
    )
    auto_jitterbuffer_msec: str = param(
        "auto-jitterbuffer-msec", "", help="jitter buffer of every call, as jitterbuffer_msec"
    )
    rtcp_interval_ms: int = param(
        "rtcp-audio-interval-msec", 5000, minimum=0, help="time between RTCP reports; 0 none"
    )
    require_secure_rtp: bool = param(
        "require-secure-rtp", False, help="calls without SRTP are refused, whatever they wish"
    )
    liberal_dtmf: bool = param("liberal-dtmf", False, help="take digits by INFO as well")
    disable_rtp_auto_adjust: bool = param(
        "disable-rtp-auto-adjust", False, help="never send where packets come from"
    )
    caller_id_type: str = param(
        "caller-id-type", "rpid", choices=("rpid", "pid", "none"), help="header with the caller"
    )
    pass_callee_id: bool = param("pass-callee-id", True, help="tell callers whom they reached")
    outbound_proxy: str = param("outbound-proxy", "", help="where all requests of ours go")
    hold_music: str = param("hold-music", "", help="what held parties hear")
    max_calls: int = param("max-calls", 0, minimum=0, help="calls of the profile; 0 unlimited")
    disable_transfer: bool = param("disable-transfer", False, help="refuse REFER")
    fire_transfer_events: bool = param(
        "fire-transfer-events", False, help="tell who hands whom over: sofia::transferor …"
    )
    fire_bye_response_events: bool = param(
        "fire-bye-response-events", False, help="tell what answers our BYEs: sofia::bye_response"
    )
    timer_t1: float = param("timer-T1", 0.5, unit=Unit.MILLISECONDS, help="RFC 3261's T1")
    timer_t1x64: float = param(
        "timer-T1X64",
        0.0,
        unit=Unit.MILLISECONDS,
        minimum=0,
        help="life of a transaction; 64 times T1 if 0",
    )
    timer_t2: float = param("timer-T2", 4.0, unit=Unit.MILLISECONDS, help="RFC 3261's T2")
    timer_t4: float = param("timer-T4", 5.0, unit=Unit.MILLISECONDS, help="RFC 3261's T4")
    sip_trace: bool = param("sip-trace", False, help="log every message")
    sip_capture: bool = param(
        "sip-capture", False, help="a copy of every message for the capture-server (HEP)"
    )

    accepted: ClassVar[Mapping[str, str]] = OF_PROFILES

    @property
    def registrations(self) -> str:
        wish = super().registrations
        # The phones of a shared line register as one user.
        return "call-id" if wish == "all" and self.manage_shared_appearance else wish

    def codecs(self, *, inbound: bool) -> str:
        """The codec preferences for one direction, as a comma list."""
        own = self.inbound_codec_prefs if inbound else self.outbound_codec_prefs
        return ",".join(own or self.codec_prefs or ("PCMU", "PCMA"))


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """``<gateway>``: a trunk, registered or not."""

    username: str = param("username", "", help="user to register and to call as")
    password: str = param("password", "", help="its password")
    realm: str = param("realm", "", help="realm of its challenges; the proxy if empty")
    proxy: str = param("proxy", "", help="where calls and registrations go; the realm if empty")
    register: bool = param("register", True, help="register with it")
    register_proxy: str = param("register-proxy", "", help="where REGISTERs go instead")
    outbound_proxy: str = param("outbound-proxy", "", help="where calls go instead")
    register_transport: str = param(
        "register-transport", "udp", choices=("udp", "tcp", "tls"), help="transport of both"
    )
    from_user: str = param("from-user", "", help="user of From; the username if empty")
    from_domain: str = param("from-domain", "", help="host of From; the proxy if empty")
    auth_username: str = param("auth-username", "", help="user for digests; the username if empty")
    extension: str = param("extension", "", help="destination of calls from it; the username")
    extension_in_contact: bool = param("extension-in-contact", False, help="extension in Contact")
    caller_id_in_from: bool = param("caller-id-in-from", False, help="the caller as From user")
    context: str = param("context", "", help="dialplan context of calls from it")
    expire_seconds: int = param("expire-seconds", 3600, minimum=1, help="life of registrations")
    retry_seconds: int = param(
        "retry-seconds", 30, minimum=5, aliases=("retry_seconds",), help="wait after a failure"
    )
    unanswered_retry_seconds: int = param(
        "908-retry-seconds", 0, minimum=0, help="wait after no answer; 0 for retry-seconds"
    )
    timeout_seconds: int = param(
        "timeout-seconds",
        60,
        minimum=5,
        help="time for the answer to a REGISTER; 64 times timer-T1 are the end of it anyway",
    )
    rfc_5626: bool = param(
        "rfc-5626",
        False,
        help="register as one of our flows, where the profile has enable-rfc-5626",
    )
    reg_id: int = param("reg-id", 1, minimum=1, help="which of our flows it is")
    ping: int = param("ping", 0, minimum=0, help="seconds between OPTIONS; 0 none")
    ping_max: int = param("ping-max", 1, minimum=1, help="answers until it counts as up")
    ping_min: int = param("ping-min", 1, minimum=1, help="answers that keep it up")
    contact_params: str = param("contact-params", "", help="parameters of our Contact")
    contact_host: str = param("contact-host", "", help="host of our Contact, if not the profile's")
    contact_in_ping: bool = param("contact-in-ping", False, help="our Contact in pings too")
    ping_user_agent: str = param("ping-user-agent", "", help="what we call ourselves in pings")
    distinct_to: bool = param(
        "distinct-to", False, help="To of REGISTER is username and proxy, whatever From is"
    )
    destination_prefix: str = param(
        "destination-prefix", "", help="digits in front of every number"
    )
    gw_auth_acl: str = param(
        "gw-auth-acl", "", help="access list that calls from it must come from"
    )

    accepted: ClassVar[Mapping[str, str]] = OF_GATEWAYS


@dataclass(frozen=True, slots=True)
class SubscriptionSettings:
    """``<subscription event="…">`` of a gateway: what it tells us of by NOTIFY."""

    expire_seconds: int = param("expire-seconds", 3600, minimum=5, help="life of the subscription")
    retry_seconds: int = param("retry-seconds", 30, minimum=10, help="wait after a failure")
    content_type: str = param("content-type", "", help="the Accept of SUBSCRIBE; none if empty")
    username_in_request: bool = param(
        "username-in-request", False, help="the account, not the proxy alone, in the Request-URI"
    )
