from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.lint.audit import audit
from tests.lint.support import document

SOCKET = '<configuration name="event_socket.conf"><settings>{}</settings></configuration>'


def codes(folder: Path, text: str) -> list[str]:
    conf, data = folder / "conf", folder / "data"
    conf.mkdir()
    data.mkdir()
    (conf / "softswitch.xml").write_text(text)
    (conf / "softswitch.xml").chmod(0o640)
    report = audit(conf, data, {"domain": "d.test"})
    assert report.usable
    return [finding.code for finding in report.findings]


def profile(*params: str) -> str:
    lines = "".join('<param name="{}" value="{}"/>'.format(*one.split("=")) for one in params)
    return f'<profile name="p"><settings>{lines}</settings></profile>'


def user(**params: str) -> str:
    lines = "".join(
        f'<param name="{name.replace("_", "-")}" value="{value}"/>'
        for name, value in params.items()
    )
    return f'<domain name="d.test"><user id="1000"><params>{lines}</params></user></domain>'


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ("", None),
        ('<param name="listen-ip" value="127.0.0.1"/>', None),
        ('<param name="listen-ip" value="0.0.0.0"/>', "L901"),
        ('<param name="password" value="ClueCon"/>', "L841"),
    ],
)
def test_the_event_socket(tmp_path: Path, params: str, code: str | None) -> None:
    found = codes(tmp_path, document(configurations=SOCKET.format(params)))
    assert [c for c in found if c in ("L901", "L841")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (("auth-calls=true",), None),
        ((), None),
        (("auth-calls=false",), "L902"),
        (("auth-calls=false", "apply-inbound-acl=trunks"), None),
        (("accept-blind-reg=true",), "L903"),
        (("accept-blind-auth=true",), "L903"),
    ],
)
def test_profiles(tmp_path: Path, params: tuple[str, ...], code: str | None) -> None:
    found = codes(tmp_path, document(profiles=profile(*params)))
    assert [c for c in found if c in ("L902", "L903")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"password": "Xk29fkPq"}, None),
        ({"password": "1000"}, "L904"),
        ({"password": "Xk2"}, "L907"),
        ({"password": "Xk29fkPq", "vm_password": "1000"}, None),
        ({"password": "Xk29fkPq", "esl_password": "abc"}, "L907"),
    ],
)
def test_passwords(tmp_path: Path, params: dict[str, str], code: str | None) -> None:
    found = codes(tmp_path, document(directory=user(**params)))
    assert [c for c in found if c in ("L904", "L907")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("file", "mode", "code"),
    [
        ("data/secrets.xml", 0o600, None),
        ("data/secrets.xml", 0o644, "L905"),
        ("data/cdr/x.journal", 0o640, "L905"),
        ("data/registrations.db", 0o604, "L905"),
        ("conf/softswitch.xml", 0o646, "L906"),
    ],
)
def test_files(tmp_path: Path, file: str, mode: int, code: str | None) -> None:
    conf, data = tmp_path / "conf", tmp_path / "data"
    (data / "cdr").mkdir(parents=True)
    conf.mkdir()
    (conf / "softswitch.xml").write_text(document(directory=user(a1_hash="0" * 32)))
    (conf / "softswitch.xml").chmod(0o640)
    path = tmp_path / file
    path.touch()
    path.chmod(mode)
    found = [finding.code for finding in audit(conf, data, {"domain": "d.test"}).findings]
    assert [c for c in found if c in ("L905", "L906")] == ([code] if code else [])
