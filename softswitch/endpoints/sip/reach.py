"""How a registered phone is reached: never elsewhere than where its REGISTER came from."""

from __future__ import annotations

import re
from urllib.parse import quote

from softswitch.endpoints.sip.location import Binding
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow, bracketed
from softswitch.sip.routing import Hop
from softswitch.sip.uri import URIS, NameAddr, SipUri

_OURS = ("fs_path", "fs_nat")
"""Parameters by which a dial string says which way to go: a phone has no say in that."""
_MEANT_IN_DIAL_STRINGS = re.compile(r"[,$']")
_BRACKETS = re.compile(r"[\[\]]")


def reachable_uri(binding: Binding) -> str:
    """A URI for dial strings that reaches the phone.

    Where its Contact names another place than the REGISTER came from, that of a NAT's inside or
    anybody else's, the way back is added as ``fs_path``; a Path (RFC 3327) too. Characters that
    mean something in dial strings are escaped: no Contact adds legs or variables to a call.
    """
    uri = SipUri.parse(binding.forced or binding.contact)
    uri.headers = ""
    for name in _OURS:
        uri.parameters.pop(name, None)
    head = str(uri.replace(parameters={}))
    # The brackets of an IPv6 address are in the head.
    tail = _BRACKETS.sub(_percent, str(uri)[len(head) :])
    text = _MEANT_IN_DIAL_STRINGS.sub(_percent, head + tail).replace(":_:", ":%5F:")
    if binding.path:
        return f"{text};fs_path={quote(binding.path, safe='')}"
    if not _differs(uri, binding):
        return text
    way = f"sip:{bracketed(binding.network_ip)}:{binding.network_port}"
    way += f";transport={binding.transport}"
    return f"{text};fs_nat=yes;fs_path={quote(way, safe='')}"


def is_elsewhere(binding: Binding) -> bool:
    """True if the Contact names another place than the REGISTER came from."""
    return _differs(URIS[binding.contact], binding)


def _differs(uri: SipUri, binding: Binding) -> bool:
    hop = Hop.of(uri)
    if binding.transport != "udp" and (hop.transport or "udp") != binding.transport:
        return True
    return (hop.host, hop.port or 5060) != (binding.network_ip, binding.network_port)


_CONNECTILE = re.compile("(?i)(?:nat|ndlb|ndlb-tls)-connectile-dysfunction")
_AS_IT_IS = "ndlb-connectile-dysfunction-2.0"


def forced_contact(wish: str, contact: SipUri, flow: Flow) -> str:
    """What ``sip-force-contact`` of a user makes of the contact; empty where it stays.

    ``NDLB-connectile-dysfunction`` and ``nat-connectile-dysfunction`` put the source in place of
    host and port, ``NDLB-tls-connectile-dysfunction`` says TLS besides. With ``…-2.0`` the way
    back is added, which `reachable_uri` does wherever it is needed.
    """
    if not wish or wish.lower() == _AS_IT_IS or not _CONNECTILE.fullmatch(wish):
        return ""
    parameters = dict(contact.parameters)
    if "tls" in wish.lower():
        parameters["transport"] = "tls"
    host, port = flow.remote
    return str(contact.replace(host=host, port=port, parameters=parameters))


def path_of(values: list[str], network_ip: str, *, trusted: bool = False) -> str:
    """The Path of a REGISTER, as it is kept; empty where it has none.

    Raises RemoteProtocolError(403) for one that does not begin at the sender, unless that is a
    proxy we trust (``apply-proxy-acl``): a phone could point at anybody.
    """
    path = [NameAddr.parse(value) for value in values]
    if path and not trusted and Hop.of(path[0].uri).host != network_ip:
        raise RemoteProtocolError(403, "Path does not begin here")
    return ", ".join(str(item) for item in path)


def contact_text(binding: Binding) -> str:
    """The contact as consoles show it."""
    return f'"{binding.display}" <{reachable_uri(binding)}>'


def status_text(binding: Binding) -> str:
    """How the binding came to be: ``Registered(UDP)``, or ``(UDP-NAT)`` from behind one."""
    if binding.forced and "transport=tls" in binding.forced and binding.transport != "tls":
        return "Registered(TLSHACK)"
    nat = "-NAT" if is_elsewhere(binding) and not binding.path else ""
    return f"Registered({binding.transport.upper()}{nat})"


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"
