"""What ``sofia status gateway`` prints, in FreeSWITCH's shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint
    from softswitch.endpoints.sip.gateway import Gateway

LINE = "=" * 97
XML = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'


def gateways(sip: SipEndpoint) -> str:
    """``sofia status gateway``: all gateways on a line each."""
    head = (f"{'Profile::Gateway-Name':>25}", f"{'    Data    ':>32}", "State", "Ping Time")
    lines = ["\t".join([*head, "IB Calls(F/T)", "OB Calls(F/T)"]), LINE]
    items = [item for chosen in sip.profiles.values() for item in chosen.gateways.values()]
    for item in items:
        name = f"{item.profile.name}::{item.name}"
        lines.append(
            f"{name:>25}\t{item.account:>32}\t{item.state}\t{item.ping.milliseconds:6.2f}"
            f"\t{item.calls_in_failed}/{item.calls_in}\t{item.calls_out_failed}/{item.calls_out}"
            f"{retry_text(item)}"
        )
    failed_in, total_in = sum(g.calls_in_failed for g in items), sum(g.calls_in for g in items)
    failed_out, total_out = sum(g.calls_out_failed for g in items), sum(g.calls_out for g in items)
    lines += [
        LINE,
        f"{len(items)} gateway{'' if len(items) == 1 else 's'}: Inbound(Failed/Total): "
        f"{failed_in}/{total_in},Outbound(Failed/Total):{failed_out}/{total_out}",
    ]
    return "\n".join(lines) + "\n"


def retry_seconds(item: Gateway) -> int | None:
    """In how many seconds a gateway tries again; None where it is not about to.

    Below zero where it waits for an answer, with no other attempt planned.
    """
    if item.state == "TRYING":
        return -1
    if item.state != "FAIL_WAIT":
        return None
    return round(item.retry_at - item.profile.wall_clock())


def retry_text(item: Gateway) -> str:
    """What is written behind the state of a gateway that tries again."""
    seconds = retry_seconds(item)
    if seconds is None:
        return ""
    return f" (retry: {seconds}s)" if seconds >= 0 else " (retry: NEVER)"


def gateway(item: Gateway) -> str:
    """``sofia status gateway NAME``."""
    ping = item.ping
    facts = [
        *_account_facts(item),
        ("PingTime", f"{ping.milliseconds:.2f}"),
        ("PingState", f"{item.settings.ping_min}/{ping.saved}/{item.settings.ping_max}"),
        ("State", item.state),
        ("Status", ("UP" if item.up else "DOWN") + (" (ping)" if ping.asking else "")),
        ("Uptime", f"{_uptime(item):.0f}s"),
        ("CallsIN", str(item.calls_in)),
        ("CallsOUT", str(item.calls_out)),
        ("FailedCallsIN", str(item.calls_in_failed)),
        ("FailedCallsOUT", str(item.calls_out_failed)),
    ]
    lines = [LINE, *(f"{name:<8}\t{value}" for name, value in facts), LINE, ""]
    return "\n".join(lines)


def xml_gateway(item: Gateway) -> str:
    """``sofia xmlstatus gateway NAME``."""
    return XML + _xml_gateway(item)


def xml_gateways(sip: SipEndpoint) -> str:
    """``sofia xmlstatus gateway``: all gateways."""
    items = [item for chosen in sip.profiles.values() for item in chosen.gateways.values()]
    return f"{XML}<gateways>\n{''.join(map(_xml_gateway, items))}</gateways>\n"


def _xml_gateway(item: Gateway) -> str:
    settings, ping = item.settings, item.ping
    facts = [
        *((name.lower(), value) for name, value in _account_facts(item)),
        ("pingmin", str(settings.ping_min)),
        ("pingcount", str(ping.saved)),
        ("pingmax", str(settings.ping_max)),
        ("pingtime", f"{ping.milliseconds:.2f}"),
        ("pinging", str(int(ping.asking))),
        ("state", item.state),
        ("status", "UP" if item.up else "DOWN"),
        ("uptime-usec", f"{_uptime(item) * 1_000_000:.0f}"),
        ("calls-in", str(item.calls_in)),
        ("calls-out", str(item.calls_out)),
        ("failed-calls-in", str(item.calls_in_failed)),
        ("failed-calls-out", str(item.calls_out_failed)),
    ]
    seconds = retry_seconds(item)
    if seconds is not None:
        facts.append(("retry", f"{seconds}s" if seconds >= 0 else "NEVER"))
    lines = "".join(f"    <{name}>{escape(value)}</{name}>\n" for name, value in facts)
    return f"  <gateway>\n{lines}  </gateway>\n"


def _account_facts(item: Gateway) -> list[tuple[str, str]]:
    """What text and XML begin with."""
    settings = item.settings
    return [
        ("Name", item.name),
        ("Profile", item.profile.name),
        ("Scheme", "Digest"),
        ("Realm", item.realm),
        ("Username", item.username),
        ("Password", "yes" if settings.password else "no"),
        ("From", f"<{item.address_of_record.uri}>"),
        ("Contact", item.contact(settings.register_transport)),
        ("Exten", item.extension),
        ("To", item.account),
        ("Proxy", item.proxy if item.proxy.startswith("sip:") else f"sip:{item.proxy}"),
        ("Context", settings.context or item.profile.settings.context),
        ("Expires", str(settings.expire_seconds)),
        ("Freq", str(settings.expire_seconds)),
        ("Ping", f"{item.ping.next_at:.0f}"),
        ("PingFreq", str(settings.ping)),
    ]


def _uptime(item: Gateway) -> float:
    """For how many seconds it has been up."""
    return item.profile.wall_clock() - item.up_since if item.up else 0.0
