"""An XML file that stands for itself: read without the preprocessor (``XML:/path`` dialplans)."""

from __future__ import annotations

import re
from pathlib import Path

from softswitch.config.document import in_order
from softswitch.config.element import Element, Source
from softswitch.config.encoding import read_text
from softswitch.config.errors import ConfigurationErrors, Finding, errors
from softswitch.config.parse import Parser
from softswitch.config.preprocess import Document

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")


def read_section(path: Path, name: str) -> Element:
    """The ``<section>`` of that name in a file, at its root or below. Reads the disk.

    Raises ``ConfigurationErrors`` with all that is wrong, a missing section among it.
    """
    text, finding = read_text(path)
    told = [finding] if finding else []
    if errors(told):
        raise ConfigurationErrors(told)
    if declaration := _DECLARATION.match(text):
        text = "\n" * declaration[0].count("\n") + text[declaration.end() :]
    parser = Parser(document_types=False)
    forest = parser.parse(Document(Source(str(path), text), text))
    findings = list(parser.findings)
    if errors(findings):
        raise ConfigurationErrors(in_order(findings))
    for root in forest:
        found = root if _is_section(root, name) else root.find("section", name=name)
        if found is not None:
            return found
    hint = f'put the contexts into <section name="{name}">'
    raise ConfigurationErrors(
        [Finding(str(path), 1, 1, "C307", f"there is no section {name!r} in this file", hint)]
    )


def _is_section(element: Element, name: str) -> bool:
    return element.tag == "section" and element.get("name", "").lower() == name
