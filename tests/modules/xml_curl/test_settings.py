from __future__ import annotations

from pathlib import Path

from softswitch.config.document import load
from softswitch.config.errors import Finding
from softswitch.modules.xml_curl.settings import LONGEST, NamedBinding, read_bindings


def read(folder: Path, *bindings: str) -> tuple[list[NamedBinding], list[Finding]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="xml_curl.conf"><bindings>{"".join(bindings)}</bindings>'
        "</configuration></section></document>"
    )
    (folder / "freeswitch.xml").write_text(text)
    return read_bindings(load(folder, {}))


def binding(url: str, sections: str = "", *params: tuple[str, str], name: str = "b") -> str:
    lines = "".join(f'<param name="{key}" value="{value}"/>' for key, value in params)
    return (
        f'<binding name="{name}"><param name="gateway-url" value="{url}" '
        f'bindings="{sections}"/>{lines}</binding>'
    )


def test_a_binding_as_portals_print_it_is_read(tmp_path: Path) -> None:
    found, findings = read(
        tmp_path,
        binding(
            "https://portal.test/handler",
            "configuration|directory|dialplan",
            ("gateway-credentials", "user:pass:word"),
            ("auth-scheme", "digest"),
            ("method", "get"),
            ("timeout", "2"),
            ("disable-100-continue", "true"),
            ("enable-cacert-check", "false"),
            ("enable-post-var", "Unique-ID"),
            ("enable-post-var", "Hunt-Context"),
            ("response-max-bytes", "2048"),
        ),
        binding("http://portal.test/", name="second"),
    )
    first, second = found
    assert first.sections == {"configuration", "directory", "dialplan"}
    assert first.settings.credentials == "user:pass:word"
    assert (first.settings.auth_scheme, first.settings.method) == ("digest", "GET")
    assert first.settings.patience == 2.0
    assert not first.settings.check_certificate
    assert first.settings.post_variables == ("Unique-ID", "Hunt-Context")
    assert (second.name, second.sections) == ("second", frozenset())
    assert [finding.code for finding in findings] == ["S405"]


def test_section_names_are_found_anywhere_in_the_text(tmp_path: Path) -> None:
    found, _ = read(tmp_path, binding("http://a.test", "Config,DIALPLAN"))
    assert found[0].sections == {"configuration", "dialplan"}


def test_certificates_are_checked_and_waiting_ends_unless_told_otherwise(tmp_path: Path) -> None:
    found, _ = read(
        tmp_path, binding("https://a.test"), binding("https://a.test", "", ("timeout", "0"))
    )
    assert found[0].settings.check_certificate and found[0].settings.check_host
    assert [item.settings.patience for item in found] == [5.0, LONGEST]


def test_a_binding_that_cannot_work_is_told_and_left_out(tmp_path: Path) -> None:
    found, findings = read(
        tmp_path,
        '<binding name="none"/>',
        binding("ftp://portal.test/"),
        binding("http://portal.test/", "nothing"),
        binding("file:///srv/answer.xml"),
    )
    assert [item.settings.url for item in found] == ["file:///srv/answer.xml"]
    assert [finding.code for finding in findings] == ["S406", "S402", "S402"]


def test_a_scheme_that_is_not_spoken_is_told(tmp_path: Path) -> None:
    _, findings = read(tmp_path, binding("http://a.test", "", ("auth-scheme", "NTLM")))
    assert [finding.code for finding in findings] == ["S402"]
