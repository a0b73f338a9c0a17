from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import Severity
from tests.lint.support import DIRECTORY, GATEWAY, PROFILE, action, document, findings, told


def _socket(password: str, address: str) -> str:
    return (
        '<configuration name="event_socket.conf"><settings>'
        f'<param name="listen-ip" value="{address}"/><param name="password" value="{password}"/>'
        "</settings></configuration>"
    )


@pytest.mark.parametrize(
    ("address", "severity"), [("127.0.0.1", Severity.NOTE), ("0.0.0.0", Severity.WARNING)]
)
def test_a_well_known_password_of_the_event_socket(
    tmp_path: Path, address: str, severity: Severity
) -> None:
    text = document(action("answer"), configurations=_socket("ClueCon", address))
    [finding] = findings(tmp_path, text)
    assert (finding.code, finding.severity) == ("L841", severity)
    text = document(action("answer"), configurations=_socket("k2Fz9", address))
    assert findings(tmp_path, text) == []


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        (GATEWAY, []),
        (GATEWAY.replace('"p"', '""'), ["S410 gateway provider"]),
        ('<gateway name="p"/>', ["S410 gateway p",
                                 "L844 gateway 'p' has neither proxy nor realm"]),
        ('<gateway name="p"><param name="register" value="false"/>'
         '<param name="proxy" value="x.test"/></gateway>', []),
        (GATEWAY + GATEWAY, ["L852 gateway 'provider' is already in conf:"]),
    ],
)  # fmt: skip
def test_gateways(tmp_path: Path, gateway: str, expected: list[str]) -> None:
    text = document(action("answer"), profiles=PROFILE.format(gateways=gateway))
    found = told(tmp_path, text)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))


def test_users_without_a_password_are_told_once_for_a_domain(tmp_path: Path) -> None:
    without = DIRECTORY.replace('name="password"', 'name="vm-password"')
    [message] = told(tmp_path, document(action("answer"), directory=without))
    assert message.startswith("L843 1000@d.test has no password, so no phone can register (and at")
    by_address = without.replace("<user ", '<user cidr="192.0.2.7/32" ')
    assert told(tmp_path, document(action("answer"), directory=by_address)) == []


def test_the_password_everybody_knows_is_told_of_users(tmp_path: Path) -> None:
    text = document(action("answer"), directory=DIRECTORY.replace("Xk29fkPq", "1234"))
    assert [t[:4] for t in told(tmp_path, text)] == ["D506"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [((), ["S409"]), (("5060", "5080"), []), (("internal", "external"), ["S412"])],
)
def test_two_profiles_that_cannot_both_run(
    tmp_path: Path, change: tuple[str, str], expected: list[str]
) -> None:
    one = PROFILE.format(gateways="")
    two = one.replace("internal", "external")
    if change:
        two = two.replace(*(change if "5060" in change else change[::-1]))
    codes = [t[:4] for t in told(tmp_path, document(action("answer"), profiles=one + two))]
    assert codes == expected
