"""``distributor.conf``: the lists and the weights of their nodes."""

from __future__ import annotations

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.validators import register_validator
from softswitch.modules.distributor.lists import DistributorList, Node

WARNING = Severity.WARNING
"""FreeSWITCH takes such files, so that nothing here keeps one from being used."""


def read_lists(element: Element | None) -> tuple[dict[str, DistributorList], list[Finding]]:
    """The lists by their names in lower case, and what is wrong with them."""
    findings: list[Finding] = []
    lists: dict[str, DistributorList] = {}
    block = element.find("lists") if element is not None else None
    if element is not None and block is None:
        findings.append(element.finding("S406", "there are no <lists>", "", WARNING))
    for written in block.findall("list") if block is not None else ():
        name = written.get("name", "")
        if not name:
            findings.append(written.finding("C306", "this <list> has no name", "", WARNING))
        elif name.lower() in lists:
            message = f"the list {name!r} stands twice; the first one counts"
            findings.append(written.finding("C305", message, "", WARNING, attribute="name"))
        else:
            lists[name.lower()] = DistributorList(name, _nodes(written, findings))
    return lists, findings


def _nodes(written: Element, findings: list[Finding]) -> list[Node]:
    nodes = []
    for item in written.findall("node"):
        name, weight = item.get("name", ""), weight_of(item.get("weight", ""))
        if not name:
            findings.append(item.finding("C306", "this <node> has no name", "", WARNING))
        elif weight is None:
            message = f"weight={item.get('weight', '')!r} should be a whole number above 0"
            hint = "the node is left out"
            findings.append(item.finding("S402", message, hint, WARNING, attribute="weight"))
        else:
            nodes.append(Node(name, weight))
    if not nodes:
        message = f"the list {written.get('name')!r} has no nodes"
        findings.append(written.finding("S406", message, "", WARNING))
    return nodes


def weight_of(text: str) -> int | None:
    """A weight as it is written; None where it is none."""
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        return None
    return int(text) or None


register_validator(
    "configuration",
    lambda configuration: read_lists(configuration.configuration("distributor.conf"))[1],
)
