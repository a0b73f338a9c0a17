"""Parameters of FreeSWITCH's SIP profiles and gateways that have no effect here, and why."""

from __future__ import annotations

from collections.abc import Mapping


def _because(reasons: Mapping[str, str]) -> dict[str, str]:
    """Each name's reason, from reasons and the names each is for."""
    return {name: why for why, names in reasons.items() for name in names.split()}


OF_PROFILES = _because(
    {
        "calls without an offer are always taken, and answered with an offer of ours": (
            "enable-3pcc 3pcc-reinvite-bridged-on-ack"
        ),
        "offers and answers are always made by the switch": "enable-soa",
        "an <alias> inside of <aliases> gives a profile a further name": "alias",
        "candidates of ICE are asked before anything is sent there, whoever named them": (
            "apply-candidate-acl"
        ),
        "100 Trying always goes out at once": "auto-invite-100",
        "a profile whose own address changes is restarted by hand; ext-sip-ip and ext-rtp-ip are "
        "looked up again by themselves": "auto-restart",
        "the engine follows what arrives; it needs no list of phones' faults": (
            "auto-rtp-bugs manual-rtp-bugs manual-video-rtp-bugs rtp-autofix-timing"
            " rtp-rewrite-timestamps rtp-autoflush rtp-autoflush-during-bridge"
        ),
        "the engine keeps time by itself": (
            "rtp-timer-name use-rtp-timer rtp-notimer-during-bridge rtp-digit-delay"
        ),
        "whose Contact is not where it came from is behind a NAT, and is reached where it came "
        "from, by fs_path": (
            "apply-nat-acl tcp-always-nat tls-always-nat NDLB-received-in-nat-reg-contact"
        ),
        "who is inside of a call showed the password when it began": "auth-all-packets",
        "both packings of G.726 have names of their own: G726-32 and AAL2-G726-32": "bitpacking",
        "a transfer runs the dialplan as it is; no program is asked before": (
            "make-every-transfer-a-nightmare channel-xml-fetch-on-nightmare-transfer"
        ),
        "comfort noise of the far end is heard; the engine sends none, silence is sent as sound": (
            "cng-pt suppress-cng supress-cng vad"
        ),
        "registrations and subscriptions have a database of their own in the data folder, or the "
        "one that switch.conf's core-db-dsn names": (
            "dbname odbc-dsn db-pre-trans-execute db-post-trans-execute"
            " db-inner-pre-trans-execute db-inner-post-trans-execute db-spin-up-wait-ms"
        ),
        "what is logged is set by sofia loglevel and fsctl loglevel": "debug log-level",
        "subscriptions end by their own time": "delete-subs-on-register",
        "headers are written in full; a request too large for UDP goes by TCP": (
            "enable-compact-headers"
        ),
        "it is no part of FreeSWITCH any more": (
            "sofia-message-via renegotiate-codec-on-hold renegotiate-codec-on-reinvite"
            " zrtp-enabled NDLB-proxy-never-patch-reinvites"
        ),
        "INFO bodies other than digits and text do nothing to a call": "extended-info-parsing",
        "programs follow calls by the events of channels": "fire-message-events",
        "message-summary is told by voicemail and the event MESSAGE_WAITING alone": (
            "forward-unsolicited-mwi-notify"
        ),
        "registrations never wait for anything": (
            "inbound-reg-in-new-thread registration-thread-frequency ping-thread-frequency"
        ),
        "calls are kept alive by session timers": "keepalive-method",
        "calls that are not decided yet are limited by max-calls, sessions-per-second, and by "
        "503 once the switch is late": "max-proceeding",
        "what it works around is taken without it": (
            "NDLB-allow-bad-iananame NDLB-allow-crypto-in-avp NDLB-allow-nondup-sdp"
            " NDLB-sendrecv-in-session"
        ),
        "a digest that names another method than the request has is wrong": "NDLB-broken-auth-hash",
        "SRTP without authentication is not spoken": "NDLB-support-asterisk-missing-srtp-auth",
        "digits are passed on as the two legs agreed on them": "pass-rfc2833",
        "phones do not get their configuration by multicast": "pnp-provision-url",
        "names of other parties are shown to watchers of the package dialog alone": (
            "presence-privacy"
        ),
        "watchers are told at once when a phone comes or goes": (
            "send-presence-on-register presence-probe-on-register"
        ),
        "presence_map.conf says of what kind a watched number is": "presence-proto-lookup",
        "record_session says where and under which name it records": "record-path record-template",
        "a connection that stands is always used again": "reuse-connections",
        "RTCP of video is that of the far ends, and passes": "rtcp-video-interval-msec",
        "what one subscribes to is answered with 200": "sip-subscribe-respond-200-ok",
        "keep-alives of phones are always answered": "tcp-ping2pong",
        "Python's TLS does not let it be set: OpenSSL's own holds": "tls-timeout tls-verify-depth",
        "calls end with the process that carried them": "track-calls",
        "one loop serves all profiles, and refuses calls when it is late": (
            "watchdog-enabled watchdog-event-timeout watchdog-step-timeout"
        ),
        "there is no header Session-ID": "rfc-7989 rfc-7989-filter rfc-7989-force-old",
    }
)
"""Names of a profile's ``<settings>``, to the reason."""

OF_GATEWAYS = _because(
    {
        "sofia::gateway_state tells each change of a ping's outcome": "ping-monitoring",
        "Digest is the only scheme that is spoken": "scheme",
        "codecs of a gateway's calls are a variable of the gateway: absolute_codec_string": (
            "codec-prefs"
        ),
        "it is no part of FreeSWITCH any more": "from-uri",
    }
)
"""Names of a ``<gateway>``, to the reason."""

OF_ALL = _because(
    {
        "what is logged is set by sofia loglevel and fsctl loglevel": (
            "log-level debug-presence debug-sla"
        ),
        "a profile whose own address changes is restarted by hand": "auto-restart",
        "registrations never wait for a thread": "max-reg-threads",
        "registrations are of one machine": "rewrite-multicasted-fs-path",
        "a REGISTER without a Contact is answered with what is registered, once the password is "
        "right": "reg-deny-binding-fetch-and-no-lookup",
        "identities are not signed": (
            "stir-shaken-as-key stir-shaken-as-url stir-shaken-vs-ca-dir"
            " stir-shaken-vs-cert-path-check stir-shaken-vs-require-date"
        ),
    }
)
"""Names of ``<global_settings>``, to the reason."""
