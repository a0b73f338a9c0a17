"""A configuration document that came over the network: read as a file is, but it can do less."""

from __future__ import annotations

import re
from collections.abc import Mapping

from softswitch.config.document import in_order
from softswitch.config.element import Element, Source
from softswitch.config.encoding import decode
from softswitch.config.errors import ConfigurationErrors, Finding, errors
from softswitch.config.parse import Parser
from softswitch.config.preprocess import Preprocessor

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")


def read_fetched(
    data: bytes, origin: str, globals: Mapping[str, str]
) -> tuple[Element, tuple[Finding, ...]]:
    """The ``<document>`` in an answer, and warnings about it; ``origin`` names it in them.

    ``$${name}`` is replaced from ``globals``, and ``set`` holds within the document; it runs no
    commands, reads no files, no environment and no addresses, and declares no entities. Raises
    ``ConfigurationErrors`` with all that is wrong.
    """
    text, finding = decode(data, origin)
    told = [finding] if finding else []
    if errors(told):
        raise ConfigurationErrors(told)
    # The preprocessor drops a line with an XML declaration, and answers are often one line.
    if declaration := _DECLARATION.match(text):
        text = "\n" * declaration[0].count("\n") + text[declaration.end() :]
    preprocessor = Preprocessor(globals, allow_includes=False, environment={})
    document = preprocessor.process(Source(origin, text))
    parser = Parser(document_types=False)
    forest = parser.parse(document)
    findings = [*told, *preprocessor.findings, *parser.findings]
    if not errors(findings):
        root = forest[0] if len(forest) == 1 else None
        # FreeSWITCH looks at sections alone, whatever the root is called.
        if root is None or (root.tag != "document" and root.find("section") is None):
            message = 'the answer is no <document type="freeswitch/xml">'
            findings.append(Finding(origin, 1, 1, "C302", message))
    if errors(findings):
        raise ConfigurationErrors(in_order(findings))
    return forest[0], in_order(findings)
