"""What the ``sofia`` commands print, in FreeSWITCH's shapes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from softswitch.endpoints.sip.gateway_report import LINE, XML, retry_text
from softswitch.endpoints.sip.location import Binding
from softswitch.endpoints.sip.reach import contact_text, status_text

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint
    from softswitch.endpoints.sip.ping import Ping
    from softswitch.endpoints.sip.profile import Profile

State = Callable[[Binding], "Ping | None"]
"""What is known of a phone that is asked whether it is there."""


def status(sip: SipEndpoint) -> str:
    """``sofia status``: all profiles, their aliases and gateways."""
    lines = [f"{'Name':>25}\t{'Type':>7}\t{'Data':>42}\tState", LINE]
    for alias, name in sip.aliases.items():
        lines.append(f"{alias:>25}\t  alias\t{name:>42}\tALIASED")
    for profile in sip.profiles.values():
        state = f"RUNNING ({profile.calls})"
        for url, suffix in _urls(profile):
            lines.append(f"{profile.name:>25}\tprofile\t{url:>42}\t{state}{suffix}")
        for gateway in profile.gateways.values():
            name = f"{profile.name}::{gateway.name}"
            state = f"{gateway.state}{retry_text(gateway)}"
            lines.append(f"{name:>25}\tgateway\t{gateway.account:>42}\t{state}")
    aliases = "alias" if len(sip.aliases) == 1 else "aliases"
    profiles = "profile" if len(sip.profiles) == 1 else "profiles"
    lines += [LINE, f"{len(sip.profiles)} {profiles} {len(sip.aliases)} {aliases}"]
    return "\n".join(lines) + "\n"


def xml_status(sip: SipEndpoint) -> str:
    """``sofia xmlstatus``."""
    parts = [XML, "<profiles>\n"]
    for alias, name in sip.aliases.items():
        parts.append(_xml_item("alias", alias, "alias", name, "ALIASED"))
    for profile in sip.profiles.values():
        state = f"RUNNING ({profile.calls})"
        for url, suffix in _urls(profile):
            item = _xml_item("profile", profile.name, "profile", url, f"{state}{suffix}")
            parts.append(item)
        for gateway in profile.gateways.values():
            item = _xml_item("gateway", gateway.name, "gateway", gateway.account, gateway.state)
            parts.append(f"{item}{retry_text(gateway)}\n")
    parts.append("</profiles>\n")
    return "".join(parts)


def _urls(profile: Profile) -> Iterator[tuple[str, str]]:
    """The addresses of a profile, each with what is written behind its state."""
    served = profile.transports.ports
    if not profile.settings.tls_only:
        yield profile.url, ""
    for transport in ("tls", "ws", "wss"):
        if transport in served:
            yield profile.transports.url(transport), f" ({transport.upper()})"


def bind_urls(profile: Profile) -> Iterator[tuple[str, str]]:
    transports, settings = profile.transports, profile.settings
    plain = [item for item in settings.transports if item in ("udp", "tcp")]
    if plain:
        yield "URL", profile.url
        yield "BIND-URL", f"{profile.url};transport={','.join(plain)}"
    if "tls" in transports.ports:
        yield "TLS-URL", transports.url("tls")
        yield "TLS-BIND-URL", f"{transports.url('tls')};transport=tls"
    for transport in ("ws", "wss"):
        if transport in transports.ports:
            yield f"{transport.upper()}-BIND-URL", transports.url(transport)


def _xml_item(tag: str, name: str, kind: str, data: str, state: str) -> str:
    return (
        f"<{tag}>\n<name>{escape(name)}</name>\n<type>{kind}</type>\n"
        f"<data>{escape(data)}</data>\n<state>{escape(state)}</state>\n</{tag}>\n"
    )


def _facts(sip: SipEndpoint, profile: Profile, name: str) -> list[tuple[str, str]]:
    settings = profile.settings
    alias = [("Alias Of", profile.name)] if name.lower() != profile.name.lower() else []
    return [
        ("Name", name),
        ("Domain Name", settings.sip_domain or "N/A"),
        *alias,
        ("Auto-NAT", "false"),
        ("DBName", f"sofia_reg_{profile.name}"),
        ("Pres Hosts", ",".join(settings.presence_hosts)),
        ("Dialplan", settings.dialplan),
        ("Context", settings.context),
        ("Challenge Realm", settings.challenge_realm),
        ("RTP-IP", profile.rtp_ip),
        *([("Ext-RTP-IP", settings.ext_rtp_ip)] if settings.ext_rtp_ip else []),
        ("SIP-IP", profile.sip_ip),
        *([("Ext-SIP-IP", settings.ext_sip_ip)] if settings.ext_sip_ip else []),
        *bind_urls(profile),
        ("HOLD-MUSIC", settings.hold_music or "N/A"),
        ("OUTBOUND-PROXY", settings.outbound_proxy or "N/A"),
        ("CODECS IN", settings.codecs(inbound=True)),
        ("CODECS OUT", settings.codecs(inbound=False)),
        ("TEL-EVENT", str(settings.rfc2833_pt)),
        ("DTMF-MODE", settings.dtmf_type),
        ("CNG", "13"),
        ("SESSION-TO", str(settings.session_timeout)),
        ("MAX-DIALOG", "0"),
        ("MAX-RECV-RPS", str(settings.max_requests_per_second)),
        ("NOMEDIA", "true" if settings.inbound_bypass_media else "false"),
        ("LATE-NEG", "true" if settings.inbound_late_negotiation else "false"),
        ("PROXY-MEDIA", "true" if settings.inbound_proxy_media else "false"),
        ("AGGRESSIVENAT", "true" if settings.aggressive_nat_detection else "false"),
        *(
            [("USER-AGENT-FILTER", settings.user_agent_filter)]
            if settings.user_agent_filter
            else []
        ),
        *(
            [("MAX-REG-PEREXT", str(settings.max_registrations))]
            if settings.max_registrations
            else []
        ),
        ("CALLS-IN", str(profile.calls_in)),
        ("FAILED-CALLS-IN", str(profile.calls_in_failed)),
        ("CALLS-OUT", str(profile.calls_out)),
        ("FAILED-CALLS-OUT", str(profile.calls_out_failed)),
        ("REGISTRATIONS", str(sip.location.counts[profile.name])),
    ]


def profile(
    sip: SipEndpoint, chosen: Profile, name: str, bindings: Sequence[Binding] | None = None
) -> str:
    """``sofia status profile NAME …``: the profile, by its name or an alias, and registrations;
    without a name those alone.
    """
    # FreeSWITCH pads all but this one alike.
    width = {"WS-BIND-URL": 16}
    facts = _facts(sip, chosen, name) if name else []
    lines = [LINE] if name else []
    lines += [f"{name:<{width.get(name, 17)}}\t{value}" for name, value in facts]
    shown = registrations(bindings, chosen.pinger.state) if bindings is not None else ""
    return "".join(f"{line}\n" for line in lines) + shown


_PROFILE_TAGS = {
    "DBName": "db-name",
    "CODECS IN": "inbound-codecs",
    "CODECS OUT": "outbound-codecs",
    "AGGRESSIVENAT": "aggressive-nat",
    "MAX-REG-PEREXT": "max-registrations-per-extension",
}
"""Elements whose names differ from those of the text."""


def xml_profile(
    sip: SipEndpoint, chosen: Profile, name: str, bindings: Sequence[Binding] | None = None
) -> str:
    """``sofia xmlstatus profile NAME …``."""
    parts = [XML, "<profile>\n"]
    if name:
        parts += _xml_facts(dict(_facts(sip, chosen, name)))
    if bindings is not None:
        parts.append(xml_registrations(bindings, chosen.pinger.state))
    parts.append("</profile>\n")
    return "".join(parts)


def _xml_facts(facts: dict[str, str]) -> Iterator[str]:
    yield "  <profile-info>\n"
    # Here the counts of failures come last.
    for name in ("FAILED-CALLS-IN", "FAILED-CALLS-OUT", "REGISTRATIONS"):
        facts[name] = facts.pop(name)
    for name, value in facts.items():
        tag = _PROFILE_TAGS.get(name) or name.lower().replace(" ", "-")
        yield f"    <{tag}>{escape(value)}</{tag}>\n"
    yield "  </profile-info>\n"


def registrations(bindings: Sequence[Binding], state: State = lambda _: None) -> str:
    """The registrations of a profile, or of one user."""
    lines = ["", "Registrations:", LINE]
    for item in bindings:
        lines += [f"{_label(name)}\t{value}" for name, value in _binding_facts(item, state(item))]
        lines.append("")
    lines += [f"Total items returned: {len(bindings)}", LINE]
    return "\n".join(lines) + "\n"


def _label(name: str) -> str:
    # FreeSWITCH pads all but this one.
    return f"{name}:" if name == "Ping-Time" else f"{name + ':':<12}"


def _binding_facts(item: Binding, ping: Ping | None) -> list[tuple[str, str]]:
    reachable = ping is None or ping.reachable
    milliseconds = 0.0 if ping is None else ping.milliseconds
    ends = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(item.expires))
    seconds = int(item.expires - time.time())
    return [
        ("Call-ID", item.call_id),
        ("User", item.aor),
        ("Contact", contact_text(item)),
        ("Agent", item.agent),
        ("Status", f"{status_text(item)}(unknown) EXP({ends}) EXPSECS({seconds})"),
        ("Ping-Status", "Reachable" if reachable else "Unreachable"),
        ("Ping-Time", f"{milliseconds:.2f}"),
        ("Host", item.hostname),
        ("IP", item.network_ip),
        ("Port", str(item.network_port)),
        ("Auth-User", item.username),
        ("Auth-Realm", item.auth_realm),
        ("MWI-Account", item.aor),
    ]


_XML_NAMES = {
    "IP": "network-ip",
    "Port": "network-port",
    "Auth-User": "sip-auth-user",
    "Auth-Realm": "sip-auth-realm",
}


def xml_registrations(bindings: Iterable[Binding], state: State = lambda _: None) -> str:
    """The registrations as a part of a profile's XML."""
    parts = ["  <registrations>\n"]
    for item in bindings:
        parts.append("    <registration>\n")
        for name, value in _binding_facts(item, state(item)):
            tag = _XML_NAMES.get(name, name.lower())
            if name == "Status":
                value = value.replace("EXP(", "exp(").replace("EXPSECS(", "expsecs(")
            text = escape(value, {'"': "&quot;"})
            parts.append(f"        <{tag}>{text}</{tag}>\n")
        parts.append("    </registration>\n")
    parts.append("  </registrations>\n")
    return "".join(parts)


def bans(sip: SipEndpoint) -> str:
    """``sofia bans``: who is shut out, and for how many seconds more."""
    now = sip.switch.loop.time()
    left = {host: until - now for host, until in sip.guard.bans.items() if until > now}
    lines = [f"{host:>43}\t{seconds:.0f}" for host, seconds in left.items()]
    return (
        "\n".join([*lines, f"{len(lines)} shut out, {sip.guard.dropped} messages dropped"]) + "\n"
    )
