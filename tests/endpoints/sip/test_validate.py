from __future__ import annotations

from pathlib import Path

from softswitch.config.document import load
from softswitch.config.errors import Severity
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
        ("S410", 2, "it is left out"),
        ("S401", 3, "did you mean 'password'?"),
        ("S401", 5, "did you mean 'sip-port'?"),
        ("S403", 6, "its default 101 is used"),
    ]


PROFILES = """<document><section name="configuration"><configuration name="sofia.conf"><profiles>
<profile name="a"><settings><param name="sip-port" value="5060"/></settings></profile>
<profile name="b"><settings><param name="sip-port" value="5060"/></settings></profile>
<profile name="a"><settings><param name="sip-port" value="5070"/></settings></profile>
<profile name="c"><gateways>
<gateway name="no good"><param name="register" value="false"/></gateway>
<gateway name="ok"><param name="register" value="false"/></gateway>
</gateways><settings><param name="sip-port" value="0"/></settings></profile>
<profile name="d"><settings><param name="sip-port" value="0"/></settings></profile>
</profiles></configuration></section></document>
"""


def test_profiles_and_gateways_that_cannot_run_are_told(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text(PROFILES)
    findings = validate_profiles(load(tmp_path, {}))
    assert [(f.code, f.line, f.severity) for f in findings] == [
        ("S409", 3, Severity.WARNING),
        ("S412", 4, Severity.WARNING),
        ("S410", 6, Severity.WARNING),
    ]
    assert "profile b would listen at the local address:5060 as a does" in findings[0].message


def test_subscriptions_of_gateways_are_looked_at(tmp_path: Path) -> None:
    text = DOCUMENT.replace(
        "</gateway>",
        '<subscriptions><subscription event="message-summary"/><subscription event="a b">'
        '<param name="retry-second" value="20"/></subscription></subscriptions></gateway>',
    )
    (tmp_path / "softswitch.xml").write_text(text)
    found = validate_profiles(load(tmp_path, {}))
    assert any("retry-second" in f.message for f in found)
    (nameless,) = [f for f in found if f.code == "S413"]
    assert (nameless.message, nameless.severity) == ("'a b' is no event", Severity.WARNING)


def test_no_profiles_are_no_findings(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text("<document/>")
    assert validate_profiles(load(tmp_path, {})) == []


def test_a_filter_that_is_no_expression_and_unknown_global_settings_are_told(
    tmp_path: Path,
) -> None:
    text = PROFILES.replace(
        "<settings>", '<settings><param name="user-agent-filter" value="("/>', 1
    )
    text = text.replace(
        '<configuration name="sofia.conf">',
        '<configuration name="sofia.conf"><global_settings><param name="capture-sever" value=""/>'
        '<param name="debug-sla" value="1"/></global_settings>',
    )
    (tmp_path / "softswitch.xml").write_text(text)
    findings = validate_profiles(load(tmp_path, {}))
    codes = {f.code: f for f in findings}
    assert "missing closing parenthesis" in codes["S411"].message
    assert codes["S411"].severity is Severity.WARNING
    assert "did you mean 'capture-server'" in codes["S401"].hint
    assert codes["S405"].hint == "softswitch explain NAME says why"
