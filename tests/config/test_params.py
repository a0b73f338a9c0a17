from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import (
    BadValue,
    Unit,
    check_param,
    convert,
    param,
    parameters,
    read_boolean,
    read_params,
)
from tests.config.files import load_files


class Mode(enum.Enum):
    FAST = "fast"
    SAFE = "safe-mode"


@dataclass(frozen=True, slots=True)
class Example:
    enabled: bool = param("enabled", False, help="whether it runs")
    port: int = param("port", 5060, minimum=0, maximum=65535)
    gain: float = param("gain", 1.0)
    name: str = param("name", "x", aliases=("title",))
    level: str = param("level", "info", choices=("info", "debug"))
    mode: Mode = param("mode", Mode.FAST)  # noqa: RUF009 - param is dataclasses.field
    timeout: float = param("timeout-ms", 1.5, unit=Unit.MILLISECONDS, minimum=0)
    expires: float | None = param("expires", None, unit=Unit.SECONDS)
    codecs: tuple[str, ...] = param("codecs", (), separator=",")
    lists: tuple[str, ...] = param("apply-acl", ())
    numbers: tuple[int, ...] = param("numbers", (1,), separator="|", minimum=1)
    limit: int | None = param("limit", None, minimum=1)
    not_a_parameter: int = 7
    accepted: ClassVar[tuple[str, ...]] = ("Old-Thing", "odbc-dsn")


def read(folder: Path, *params: tuple[str, str]) -> tuple[Example, list[Finding]]:
    lines = "\n".join(f'<param name="{name}" value="{value}"/>' for name, value in params)
    text = f"<settings>\n{lines}\n</settings>"
    element = load_files(folder, {"autoload_configs/x.xml": text}).locate(
        "configuration", "settings"
    )
    return read_params(element, Example)


GOOD: list[tuple[str, str, str, Any]] = [
    *(("enabled", v, "enabled", True) for v in ("true", "yes", "on", "T", "enabled", "1", "-5")),
    *(("enabled", v, "enabled", False) for v in ("false", "no", "off", "f", "inactive", "0")),
    ("port", "0", "port", 0),
    ("port", " 65535 ", "port", 65535),
    ("PORT", "1", "port", 1),
    ("gain", "-2.5", "gain", -2.5),
    ("name", "a b", "name", "a b"),
    ("name", "", "name", ""),
    ("title", "y", "name", "y"),
    ("level", "DEBUG", "level", "debug"),
    ("mode", "Safe-Mode", "mode", Mode.SAFE),
    ("timeout-ms", "250", "timeout", 0.25),
    ("expires", "3600", "expires", 3600.0),
    ("codecs", "PCMU, PCMA,,G722", "codecs", ("PCMU", "PCMA", "G722")),
    ("apply-acl", "a,b", "lists", ("a,b",)),
    ("numbers", "3|4", "numbers", (3, 4)),
    ("limit", "4", "limit", 4),
]


@pytest.mark.parametrize(("name", "text", "field", "value"), GOOD)
def test_a_value_is_read_as_its_fields_kind(
    name: str, text: str, field: str, value: Any, tmp_path: Path
) -> None:
    example, findings = read(tmp_path, (name, text))
    assert not findings
    assert getattr(example, field) == value
    assert type(getattr(example, field)) is type(value)


BAD = [
    ("enabled", "maybe", "S402", "true or false"),
    ("port", "65536", "S403", "from 0 to 65535"),
    ("port", "-1", "S403", "from 0 to 65535"),
    ("port", "5060a", "S402", "a whole number"),
    ("port", "5.5", "S402", "a whole number"),
    ("gain", "loud", "S402", "a number"),
    ("level", "debgu", "S402", "did you mean 'debug'"),
    ("level", "xyz", "S402", "known are info, debug"),
    ("mode", "save-mode", "S402", "did you mean 'safe-mode'"),
    ("timeout-ms", "1s", "S402", "a number of milliseconds"),
    ("timeout-ms", "-1", "S403", "0 or more"),
    ("numbers", "1|0", "S403", "1 or more"),
    ("numbers", "1|x", "S402", "a whole number"),
]


@pytest.mark.parametrize(("name", "text", "code", "words"), BAD)
def test_a_wrong_value_is_told_at_its_place_and_the_default_stays(
    name: str, text: str, code: str, words: str, tmp_path: Path
) -> None:
    example, (finding,) = read(tmp_path, (name, text))
    assert example == Example()
    severity = Severity.WARNING if code == "S403" else Severity.ERROR
    assert (finding.code, finding.severity) == (code, severity)
    assert words in finding.message
    assert finding.hint.startswith("its default ")
    assert (finding.line, finding.column) == (2, len(f'<param name="{name}" value="') + 1)


def test_an_unknown_name_is_a_warning_with_the_nearest_known_one(tmp_path: Path) -> None:
    example, findings = read(tmp_path, ("enabeld", "true"), ("zzz", "1"))
    assert example == Example()
    assert [(f.code, f.severity, f.column) for f in findings] == [
        ("S401", Severity.WARNING, 14), ("S401", Severity.WARNING, 14)
    ]  # fmt: skip
    assert "'enabled'" in findings[0].hint
    assert "ignored" in findings[1].hint


def test_parameters_without_effect_are_told_once_in_one_note(tmp_path: Path) -> None:
    _, (finding,) = read(
        tmp_path, ("odbc-dsn", "x"), ("old-thing", "1"), ("port", "1"), ("odbc-dsn", "y")
    )
    assert (finding.code, finding.severity, finding.line) == ("S405", Severity.NOTE, 2)
    assert finding.message.endswith(": odbc-dsn, old-thing")


def test_an_empty_value_leaves_the_default_with_a_warning(tmp_path: Path) -> None:
    example, (finding,) = read(tmp_path, ("port", ""))
    assert example.port == 5060
    assert (finding.code, finding.severity) == ("S404", Severity.WARNING)
    assert "5060" in finding.message


def test_a_repeatable_parameter_adds_and_another_is_replaced(tmp_path: Path) -> None:
    example, findings = read(
        tmp_path, ("apply-acl", "a"), ("apply-acl", "b"), ("port", "1"), ("port", "2")
    )
    assert example.lists == ("a", "b")
    assert example.port == 2
    assert [(finding.code, finding.line) for finding in findings] == [("S407", 5)]


def test_a_param_without_name_or_value_is_told(tmp_path: Path) -> None:
    text = '<settings>\n<param value="1"/>\n<param name="port"/>\n</settings>'
    files = {"autoload_configs/x.xml": text}
    element = load_files(tmp_path, files).locate("configuration", "settings")
    _, findings = read_params(element, Example)
    assert [(f.code, f.line) for f in findings] == [("S406", 2), ("S406", 3)]


def test_no_element_gives_the_defaults() -> None:
    assert read_params(None, Example) == (Example(), [])
    assert read_params(Element("settings", {}), Example) == (Example(), [])


def test_parameters_describe_themselves() -> None:
    described = {p.name: (p.describe_kind, p.default, p.repeatable) for p in parameters(Example)}
    assert described["enabled"] == ("true or false", False, False)
    assert described["level"][0] == "one of info, debug"
    assert described["mode"][0] == "one of fast, safe-mode"
    assert described["timeout-ms"][0] == "a number of milliseconds"
    assert described["codecs"] == ("a text", (), True)
    assert described["limit"][0] == "a whole number"
    assert "not_a_parameter" not in {p.field for p in parameters(Example)}
    assert parameters(Example)[0].help == "whether it runs"


@pytest.mark.parametrize("text", ["", "maybe", "tru", "nein", "0x1", "1e"])
def test_what_is_neither_true_nor_false_is_neither(text: str) -> None:
    assert read_boolean(text) is None


def test_a_single_value_can_be_converted_and_refused() -> None:
    port = next(p for p in parameters(Example) if p.name == "port")
    assert convert(port, "5061") == 5061
    with pytest.raises(BadValue, match="whole number"):
        convert(port, "x")


def test_a_value_is_judged_where_it_stands(tmp_path: Path) -> None:
    text = """<settings>
<param name="dsn" value="good"/>
<param name="dsn" value=""/>
<param name="dsn" value="bad"/><param name="other" value="bad"/></settings>"""
    element = load_files(tmp_path, {"autoload_configs/x.xml": text}).locate(
        "configuration", "settings"
    )

    def check(value: str) -> str | None:
        assert value, "an empty value is no value"
        return f"{value} is bad" if value == "bad" else None

    assert check_param(None, "dsn", check, "hint") == []
    assert [
        (f.line, f.code, f.severity, f.message, f.hint)
        for f in check_param(element, "dsn", check, "hint")
    ] == [(4, "S402", Severity.WARNING, "bad is bad", "hint")]
