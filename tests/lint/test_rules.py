from __future__ import annotations

import re
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import softswitch
from softswitch.config.document import load
from softswitch.config.errors import CODES
from softswitch.lint.check import load_owners
from softswitch.lint.rules import RULES, Subject, nearest
from tests.lint.support import action, document, findings

SHARED = Path(__file__).resolve().parents[2] / "../shared"
VANILLA = SHARED / "data/freeswitch-vanilla"


def _applications(folder: Path, dialplan: str) -> list[tuple[str, str]]:
    (folder / "softswitch.xml").write_text(document(dialplan))
    return [(a.application, a.data) for a in Subject.of(load(folder, {})).actions]


def test_a_plain_configuration_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, document(action("answer"))) == []


@pytest.mark.parametrize(
    ("application", "data", "inner"),
    [
        ("bind_meta_app", "1 b s execute_extension::dx XML features", "dx XML features"),
        ("limit_execute", "hash r i 5 transfer 1 XML c", "1 XML c"),
        ("set", "execute_on_answer=transfer 1 XML c", "1 XML c"),
        ("export", "nolocal:execute_on_answer=transfer::1 XML c", "1 XML c"),
    ],
)
def test_applications_named_by_data_are_actions_as_well(
    tmp_path: Path, application: str, data: str, inner: str
) -> None:
    found = _applications(tmp_path, action(application, data))
    assert found[0] == (application, data)
    assert [data for _, data in found[1:]] == [inner]


def test_scope_variables_are_no_data(tmp_path: Path) -> None:
    assert _applications(tmp_path, action("bridge", "%[a=b]user/1")) == [("bridge", "user/1")]


def test_the_nearest_name_is_a_question() -> None:
    assert nearest("anser", ["answer", "echo"]) == "did you mean answer?"
    assert nearest("zzz", ["answer", "echo"]) == ""


def test_each_code_is_used_somewhere() -> None:
    load_owners()
    sources = [path.read_text() for path in Path(softswitch.__file__).parent.rglob("*.py")]
    used = {code for text in sources for code in re.findall(r'"([A-Z]\d\d\d)"(?!:)', text)}
    assert sorted(CODES.keys() - used) == []
    assert len(RULES) > 10


@pytest.mark.slow
@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's configuration is not at hand")
def test_vanilla_gives_a_readable_report() -> None:
    from softswitch.config.host import built_in_globals
    from softswitch.lint.check import check

    report = check(VANILLA, built_in_globals(VANILLA, VANILLA))
    assert report.usable
    messages = [(finding.code, finding.message) for finding in report.findings]
    assert len(messages) < 150
    once = [message for message in messages if message[0] in ("L801", "L802", "L803", "L806")]
    assert len(once) == len(set(once)) > 10
    assert {"L841", "D506", "L877", "R714"} <= {code for code, _ in messages}
    assert all(f.file and f.line and f.column for f in report.findings)


PIECES = st.lists(
    st.sampled_from(
        ["${", "}", "$1", "{", "[", "]", "<", ">", "(", ")", "|", ",", ":_:", "^^", "=", "/", "!",
         "://", "@", "'", "\\", " ", "a", "1000", "user", "sofia/gateway/", "group", "set", "%[",
         "file_string", "hash", "+", "-bleg", "XML", "inline", "::", "&", "é"]
    ),
    max_size=12,
).map("".join)  # fmt: skip
APPLICATIONS = (
    "bridge", "transfer", "execute_extension", "limit", "limit_execute", "bind_meta_app", "set",
    "export", "playback", "read", "play_and_get_digits", "broadcast", "sched_transfer", "multiset",
)  # fmt: skip


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(PIECES, PIECES)
def test_no_text_makes_a_rule_fail(data: str, expression: str) -> None:
    dialplan = "".join(
        action(application, _quoted(data)).replace("^5551$", _quoted(expression))
        for application in APPLICATIONS
    )
    with tempfile.TemporaryDirectory() as folder:
        found = findings(Path(folder), document(dialplan))
    assert all(finding.message and finding.line for finding in found)
