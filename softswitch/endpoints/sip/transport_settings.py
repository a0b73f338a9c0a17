"""The settings of a SIP profile about addresses, transports and TLS."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass

from softswitch.config.params import Unit, param

TRANSPORTS = ("udp", "tcp", "tls", "ws", "wss")
_VERIFY = {
    "none": (),
    "in": ("in",),
    "out": ("out",),
    "all": ("in", "out"),
    "subjects_in": ("in", "subjects_in"),
    "subjects_out": ("out", "subjects_out"),
    "subjects_all": ("in", "out", "subjects_in", "subjects_out"),
}
"""``tls-verify-policy``: its words, and what each has checked."""


@dataclass(frozen=True)
class TransportSettings:
    """Where a profile listens and how connections are kept."""

    sip_ip: str = param("sip-ip", "", help="address to bind; local_ip_v4 if empty")
    sip_port: int = param(
        "sip-port",
        5060,
        minimum=0,
        maximum=65535,
        words={"auto": 0},
        help="port to bind; auto or 0 takes a free one",
    )
    bind_attempts: int = param(
        "bind-attempts", 2, minimum=1, help="how often it is tried to bind where an address is busy"
    )
    bind_attempt_interval: int = param(
        "bind-attempt-interval", 5, minimum=0, help="seconds between two attempts"
    )
    shutdown_on_fail: bool = param(
        "shutdown-on-fail",
        False,
        words={"elegant": True, "asap": True, "restart": True},
        help="the switch stops where this profile cannot start",
    )
    bind_params: str = param("bind-params", "transport=udp,tcp", help="transports to listen on")
    tls: bool = param("tls", False, help="listen for TLS too")
    tls_only: bool = param("tls-only", False, help="listen for TLS alone")
    tls_bind_params: str = param(
        "tls-bind-params", "transport=tls", help="of the TLS address; nothing but TLS is served"
    )
    tls_sip_port: int = param(
        "tls-sip-port", 5061, minimum=0, maximum=65535, help="port for TLS; 0 takes a free one"
    )
    tls_cert_dir: str = param(
        "tls-cert-dir",
        "",
        help="folder of agent.pem, cafile.pem, wss.pem and sni/*.pem; certs_dir if empty",
    )
    tls_passphrase: str = param("tls-passphrase", "", help="password of the key in agent.pem")
    tls_verify_policy: str = param(
        "tls-verify-policy",
        "none",
        help="whose certificates are checked: none, in, out, all, subjects_in, subjects_out,"
        " subjects_all, several joined by |",
    )
    tls_verify_date: bool = param(
        "tls-verify-date", True, help="refuse certificates that ran out or are not valid yet"
    )
    tls_verify_in_subjects: tuple[str, ...] = param(
        "tls-verify-in-subjects",
        (),
        separator="|",
        help="names of which a client's certificate must have one",
    )
    tls_ciphers: str = param("tls-ciphers", "", help="OpenSSL's list of ciphers for TLS 1.2")
    tls_version: str = param(
        "tls-version", "tlsv1.2,tlsv1.3", help="tlsv1.3 alone refuses TLS 1.2; older is not spoken"
    )
    ws_binding: str = param("ws-binding", "", help="[address]:port for WebSockets")
    wss_binding: str = param("wss-binding", "", help="[address]:port for WebSockets in TLS")
    tcp_keepalive: float = param(
        "tcp-keepalive",
        0.0,
        unit=Unit.MILLISECONDS,
        minimum=0,
        help="silence on a connection after which we send a keep-alive; 0 for never",
    )
    tcp_pingpong: float = param(
        "tcp-pingpong",
        0.0,
        unit=Unit.MILLISECONDS,
        minimum=0,
        help="time a keep-alive may stay unanswered; 0 for ever",
    )
    socket_tcp_keepalive: int = param(
        "socket-tcp-keepalive",
        0,
        minimum=0,
        help="seconds after which the kernel asks whether a peer is there",
    )
    tcp_unreg_on_socket_close: bool = param(
        "tcp-unreg-on-socket-close",
        False,
        help="a phone's registration ends with the connection it came by",
    )
    force_rport: str = param(
        "NDLB-force-rport",
        "false",
        choices=("false", "true", "safe", "client-only", "server-only", "no", "yes"),
        help="answer to the source of requests by UDP whatever their Via says; ours ask for that",
    )
    disable_srv: bool = param("disable-srv", False, help="look up no SRV records")
    disable_naptr: bool = param("disable-naptr", False, help="look up no NAPTR records")

    tls_orq_connect_timeout: float = param(
        "tls-orq-connect-timeout",
        10.0,
        unit=Unit.MILLISECONDS,
        minimum=1,
        help="time that connecting to a TLS peer may take",
    )
    disable_srv503: bool = param(
        "disable-srv503", False, help="503 refuses a call; no other address is tried"
    )

    @property
    def transports(self) -> tuple[str, ...]:
        """What to listen on, of `TRANSPORTS`."""
        wanted = [] if self.tls_only else list(_transports(self.bind_params))
        if self.tls or self.tls_only:
            wanted.append("tls")
        if self.ws_binding:
            wanted.append("ws")
        if self.wss_binding:
            wanted.append("wss")
        return tuple(wanted)

    @property
    def answers_to_source(self) -> bool:
        """Whether answers by UDP go to where the request came from, asked for or not."""
        return self.force_rport.lower() in ("true", "safe", "server-only", "yes")

    @property
    def tls_verify(self) -> frozenset[str]:
        """What ``tls-verify-policy`` has checked, in the words of `net.tls.TlsSettings`.

        Raises ValueError for a word that is unknown.
        """
        found: set[str] = set()
        for word in re.split(r"[|,\s]+", self.tls_verify_policy.strip().lower()):
            if word not in _VERIFY:
                raise ValueError(f"tls-verify-policy: {word!r} is none of {', '.join(_VERIFY)}")
            found.update(_VERIFY[word])
        return frozenset(found)

    @property
    def oldest_tls(self) -> ssl.TLSVersion:
        """The oldest version that is spoken: TLS 1.2, or 1.3 where nothing else is named."""
        words = {word.strip().lower() for word in self.tls_version.split(",")}
        return ssl.TLSVersion.TLSv1_3 if words == {"tlsv1.3"} else ssl.TLSVersion.TLSv1_2


def _transports(bind_params: str) -> tuple[str, ...]:
    for item in bind_params.split(";"):
        name, _, value = item.partition("=")
        if name.strip() == "transport":
            wanted = [word.strip().lower() for word in value.split(",")]
            return tuple(word for word in ("udp", "tcp") if word in wanted) or ("udp",)
    return ("udp", "tcp")
