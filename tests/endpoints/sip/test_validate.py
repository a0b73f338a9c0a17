from __future__ import annotations

from pathlib import Path

from softswitch.config.document import load
from softswitch.endpoints.sip.validate import validate_profiles

DOCUMENT = """<document><section name="configuration"><configuration name="sofia.conf"><profiles>
<profile name="a"><gateways><gateway name="g">
<param name="passwrd" value="x"/>
</gateway></gateways><settings>
<param name="sip-prt" value="5060"/>
<param name="rfc2833-pt" value="7"/>
</settings></profile></profiles></configuration></section></document>
"""


def test_settings_of_profiles_and_gateways_are_read_critically(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text(DOCUMENT)
    findings = validate_profiles(load(tmp_path, {}))
    assert [(f.code, f.line, f.hint) for f in sorted(findings, key=lambda f: f.line)] == [
        ("S401", 3, "did you mean 'password'?"),
        ("S401", 5, "did you mean 'sip-port'?"),
        ("S403", 6, "its default is 101"),
    ]


def test_no_profiles_are_no_findings(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text("<document/>")
    assert validate_profiles(load(tmp_path, {})) == []
