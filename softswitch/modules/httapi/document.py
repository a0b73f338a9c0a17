"""What a web server answers: ``<document type="xml/freeswitch-httapi">``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

LONGEST = 1024 * 1024
"""Characters of a document."""
MOST_TAGS = 1000


class BadDocument(ValueError):
    """An answer that is no document; says why."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One instruction."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple[Tag, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """An attribute that is there and not empty, or the default."""
        return self.attributes.get(name) or default

    def number(self, name: str, default: int, *, least: int = 0) -> int:
        """An attribute as a whole number; the default where it is none or too small."""
        text = self.get(name).strip()
        if not (text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 10):
            return default
        return int(text) if int(text) >= least else default

    def binds(self) -> Iterator[Tag]:
        """The keys it waits for."""
        return (child for child in self.children if child.name == "bind" and child.text)


@dataclass(frozen=True, slots=True)
class Document:
    """Parameters and variables to keep, and what to do."""

    params: dict[str, str]
    variables: dict[str, str]
    work: tuple[Tag, ...]


def read_document(text: str) -> Document:
    """Raises `BadDocument`."""
    if len(text) > LONGEST:
        raise BadDocument(f"it is longer than {LONGEST} characters")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace").lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadDocument(str(error)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadDocument("it has a document type declaration")
    if sum(1 for _ in root.iter()) > MOST_TAGS:
        raise BadDocument(f"it has more than {MOST_TAGS} elements")
    tag = _tag(root)
    blocks = {child.name: child for child in reversed(tag.children)}
    work = blocks["work"].children if "work" in blocks else ()
    return Document(_values(blocks.get("params")), _values(blocks.get("variables")), work)


def _tag(element: etree._Element) -> Tag:
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    return Tag(
        str(element.tag),
        {str(name): str(value) for name, value in element.attrib.items()},
        "".join(pieces).strip(),
        tuple(_tag(child) for child in element if isinstance(child.tag, str)),
    )


def _values(tag: Tag | None) -> dict[str, str]:
    return {child.name: child.text for child in tag.children} if tag is not None else {}
