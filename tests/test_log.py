from __future__ import annotations

import io
import logging

import pytest

from softswitch.log import CALL, LEVELS, CallLogger, MaskingFilter, Terminal, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("password=hunter2 rest", "password=*** rest"),
        ('<param name="x"/> Password: "a b"', '<param name="x"/> Password: "*** b"'),
        ('Digest username="1000", response="0123abcd"', 'Digest username="1000", response="***"'),
        ("a1-hash=0123;next", "a1-hash=***;next"),
        ('<param name="password" value="hunter2"/>', '<param name="password" value="***"/>'),
        ("data='event_socket_password=hunter2'", "data='event_socket_password=***'"),
        ('{"vm-password": "1234", "x": 1}', '{"vm-password": "***", "x": 1}'),
        ("the password is kept", "the password is kept"),
        ("bell \x07 escape \x1b[31m", "bell \\x07 escape \\x1b[31m"),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_secrets_are_hidden_and_control_characters_shown(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_a_record_is_masked_as_a_whole() -> None:
    record = logging.LogRecord("n", 20, "f.py", 1, "secret=%s of %s", ("abc", "1000"), None)
    assert MaskingFilter().filter(record)
    assert record.getMessage() == "secret=*** of 1000"


def test_lines_of_a_call_begin_with_it_and_carry_its_uuid(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "softswitch.test"):
        CallLogger("softswitch.test", "7f3a1c22-0000", "sofia/internal/1000").info("is %s", "up")
    [record] = caplog.records
    assert record.getMessage() == "[7f3a1c22 sofia/internal/1000] is up"
    assert getattr(record, "uuid") == "7f3a1c22-0000"  # noqa: B009


def test_one_call_may_be_logged_more_than_others(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "softswitch.test"):
        log = CallLogger("softswitch.test", "u", "c")
        log.debug("before")
        caplog.handler.setLevel(logging.NOTSET)
        assert log.set_level("debug")
        assert not log.set_level("loud")
        log.debug("after")
    assert [record.getMessage() for record in caplog.records] == ["[u c] after"]


def test_freeswitchs_levels_are_in_order() -> None:
    order = [LEVELS[name] for name in ("debug", "info", "notice", "warning", "err", "crit")]
    assert order == sorted(set(order))


def test_lines_of_whoever_works_for_a_call_carry_its_uuid() -> None:
    record = logging.LogRecord("n", 20, "f.py", 1, "hello", None, None)
    before = CALL.set("1234")
    MaskingFilter().filter(record)
    CALL.reset(before)
    MaskingFilter().filter(record)
    assert getattr(record, "uuid") == "1234"  # noqa: B009


def test_a_line_is_of_the_file_that_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    log = CallLogger("softswitch.call", "12345678-9", "loopback/1")
    log.error("one")
    log.log(logging.ERROR, "two")
    try:
        raise ValueError("three")
    except ValueError:
        log.exception("three")
    assert [(record.filename, record.funcName) for record in caplog.records] == [
        ("test_log.py", "test_a_line_is_of_the_file_that_logs_it")
    ] * 3


def test_the_terminals_lines_go_where_a_prompt_catches_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = Terminal()
    caught = io.StringIO()
    monkeypatch.setattr("sys.stderr", caught)
    handler.handle(logging.LogRecord("n", 20, "f.py", 1, "hello", None, None))
    assert caught.getvalue() == "hello\n"
