"""The settings of a SIP profile and of a gateway, under FreeSWITCH's parameter names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.params import Unit, param
from softswitch.endpoints.sip.dialog_settings import DialogSettings
from softswitch.endpoints.sip.presence.settings import PresenceSettings
from softswitch.endpoints.sip.registration_settings import RegistrationSettings
from softswitch.endpoints.sip.security_settings import SecuritySettings
from softswitch.endpoints.sip.transport_settings import TransportSettings


@dataclass(frozen=True)
class ProfileSettings(
    TransportSettings, RegistrationSettings, SecuritySettings, DialogSettings, PresenceSettings
):
    """``<settings>`` of a ``<profile>``: addresses, admission, codecs, timers."""

    rtp_ip: str = param("rtp-ip", "", help="address for media; sip-ip if empty")
    ext_sip_ip: str = param(
        "ext-sip-ip", "", help="what others know us by: an address, host:<name> or stun:<server>"
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
        "inbound-bypass-media", False, help="bypass_media for every caller"
    )
    inbound_proxy_media: bool = param(
        "inbound-proxy-media", False, help="proxy_media for every caller"
    )
    auto_jitterbuffer_msec: str = param(
        "auto-jitterbuffer-msec", "", help="jitter buffer of every call, as jitterbuffer_msec"
    )
    rtcp_interval_ms: int = param(
        "rtcp-audio-interval-msec", 5000, minimum=0, help="time between RTCP reports; 0 none"
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
    timer_t1: float = param("timer-T1", 0.5, unit=Unit.MILLISECONDS, help="RFC 3261's T1")
    timer_t2: float = param("timer-T2", 4.0, unit=Unit.MILLISECONDS, help="RFC 3261's T2")
    timer_t4: float = param("timer-T4", 5.0, unit=Unit.MILLISECONDS, help="RFC 3261's T4")
    sip_trace: bool = param("sip-trace", False, help="log every message")
    sip_capture: bool = param(
        "sip-capture", False, help="a copy of every message for the capture-server (HEP)"
    )

    accepted: ClassVar[tuple[str, ...]] = tuple(
        """3pcc-reinvite-bridged-on-ack alias allow-update apply-candidate-acl
        apply-inbound-acl-x-token apply-nat-acl apply-proxy-acl-x-token auth-all-packets
        auth-require-user auto-invite-100 auto-restart auto-rtp-bugs
        bind-attempt-interval bind-attempts bitpacking
        channel-xml-fetch-on-nightmare-transfer cng-pt db-inner-post-trans-execute
        db-inner-pre-trans-execute db-post-trans-execute db-pre-trans-execute
        db-spin-up-wait-ms dbname debug delete-subs-on-register
        enable-3pcc enable-compact-headers enable-soa enforce-blind-auth-result
        extended-info-parsing fire-bye-response-events fire-message-events
        fire-transfer-events force-register-db-domain forward-unsolicited-mwi-notify
        inbound-no-media
        inbound-reg-in-new-thread keepalive-method log-level
        make-every-transfer-a-nightmare manage-shared-appearance manual-rtp-bugs
        manual-video-rtp-bugs max-auth-validity max-proceeding media-option
        mwi-use-reg-callid NDLB-allow-bad-iananame NDLB-allow-crypto-in-avp
        NDLB-allow-nondup-sdp NDLB-broken-auth-hash
        NDLB-proxy-never-patch-reinvites NDLB-received-in-nat-reg-contact
        NDLB-sendrecv-in-session NDLB-support-asterisk-missing-srtp-auth odbc-dsn
        p-asserted-id-parse parse-invite-tel-params pass-rfc2833 ping-thread-frequency
        pnp-provision-url presence-hosts presence-privacy presence-probe-on-register
        presence-proto-lookup profile-standby proxy-hold proxy-info
        proxy-info-content-types proxy-message proxy-notify-events proxy-refer
        proxy-refer-replaces record-path record-template registration-thread-frequency
        renegotiate-codec-on-hold renegotiate-codec-on-reinvite require-secure-rtp
        reuse-connections rtcp-video-interval-msec rtp-autofix-timing rtp-autoflush
        rtp-autoflush-during-bridge rtp-digit-delay rtp-notimer-during-bridge
        rtp-rewrite-timestamps rtp-timer-name send-presence-on-register shutdown-on-fail
        sip-options-respond-503-on-busy sip-subscribe-respond-200-ok
        sip-subscription-max-deviation sofia-message-via suppress-cng supress-cng
        t38-passthru tcp-always-nat tcp-ping2pong timer-T1X64 tls-always-nat
        tls-orq-connect-timeout tls-timeout tls-verify-depth track-calls
        use-port-for-acl-check use-rtp-timer user-agent-filter vad watchdog-enabled
        watchdog-event-timeout watchdog-step-timeout zrtp-enabled""".split()
    )

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
    from_domain: str = param("from-domain", "", help="host of From; the realm if empty")
    auth_username: str = param("auth-username", "", help="user for digests; the username if empty")
    extension: str = param("extension", "", help="destination of calls from it; the username")
    extension_in_contact: bool = param("extension-in-contact", False, help="extension in Contact")
    caller_id_in_from: bool = param("caller-id-in-from", False, help="the caller as From user")
    context: str = param("context", "", help="dialplan context of calls from it")
    expire_seconds: int = param("expire-seconds", 3600, minimum=1, help="life of registrations")
    retry_seconds: int = param("retry-seconds", 30, minimum=5, help="wait after a failure")
    ping: int = param("ping", 0, minimum=0, help="seconds between OPTIONS; 0 none")
    ping_max: int = param("ping-max", 1, minimum=1, help="answers until it counts as up")
    ping_min: int = param("ping-min", 1, minimum=1, help="answers that keep it up")
    contact_params: str = param("contact-params", "", help="parameters of our Contact")
    contact_host: str = param("contact-host", "", help="host of our Contact, if not the profile's")
    contact_in_ping: bool = param("contact-in-ping", False, help="our Contact in pings too")
    ping_user_agent: str = param("ping-user-agent", "", help="what we call ourselves in pings")
    distinct_to: bool = param(
        "distinct-to", False, help="number^user in a dial string names another user in To"
    )
    destination_prefix: str = param(
        "destination-prefix", "", help="digits in front of every number"
    )
    gw_auth_acl: str = param(
        "gw-auth-acl", "", help="access list that calls from it must come from"
    )

    accepted: ClassVar[tuple[str, ...]] = tuple(
        """908-retry-seconds ping-monitoring reg-id rfc-5626 scheme timeout-seconds
        from-uri codec-prefs""".split()
    )
