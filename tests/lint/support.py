"""Small configurations, and what the rules say of them."""

from __future__ import annotations

import re
from pathlib import Path

from softswitch.config.errors import Finding
from softswitch.lint.check import check

DIRECTORY = """<domain name="d.test">
<params><param name="password" value="Xk29fkPq"/></params>
<groups><group name="sales"><users>
<user id="1000"><variables><variable name="user_context" value="default"/></variables></user>
<user id="1001"/>
</users></group></groups></domain>
"""
PROFILE = """<profile name="internal"><gateways>{gateways}</gateways><settings>
<param name="sip-ip" value="192.0.2.1"/><param name="sip-port" value="5060"/>
<param name="context" value="default"/></settings></profile>
"""
GATEWAY = """<gateway name="provider"><param name="username" value="u"/>
<param name="password" value="p"/><param name="proxy" value="sip.example.com"/></gateway>
"""


def document(
    dialplan: str = "",
    *,
    configurations: str = "",
    directory: str = DIRECTORY,
    profiles: str = PROFILE.format(gateways=GATEWAY),
) -> str:
    """A whole configuration, without findings unless its parts have some."""
    if "<context" not in dialplan:
        dialplan = f'<context name="default">{dialplan}</context>'
    return f"""<document type="freeswitch/xml">
<section name="configuration">{configurations}
<configuration name="sofia.conf"><profiles>{profiles}</profiles></configuration></section>
<section name="dialplan">{dialplan}</section>
<section name="directory">{directory}</section>
</document>
"""


def action(application: str, data: str = "", more: str = "") -> str:
    """An extension for 5551 with one action."""
    written = f'<action application="{application}" data="{data}" {more}/>'
    return (
        '<extension name="x"><condition field="destination_number" expression="^5551$">'
        f"{written}</condition></extension>"
    )


def findings(folder: Path, text: str, **variables: str) -> list[Finding]:
    """All that is found in a configuration whose domain is d.test."""
    (folder / "softswitch.xml").write_text(text)
    return list(check(folder, {"domain": "d.test", **variables}).findings)


def told(folder: Path, text: str, **variables: str) -> list[str]:
    """``CODE message / hint`` of each finding."""
    return [
        re.sub(r"\S*/softswitch\.xml", "conf", f"{f.code} {f.message} / {f.hint}")
        for f in findings(folder, text, **variables)
    ]
