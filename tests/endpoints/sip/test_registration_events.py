from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sip_bench import ALICE, sip_bench

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(("password", "result"), [(None, "SUCCESS"), ("wrong", "FORBIDDEN")])
async def test_an_attempt_is_told_with_what_came_of_it(
    tmp_path: Path, password: str | None, result: str
) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.alice, *([password] if password else []))
        (told,) = running.events("sofia::register_attempt")
        assert told["auth-result"] == result
        assert (told["from-user"], told["to-user"]) == ("1000", "1000")
        assert (told["network-ip"], told["network-port"]) == (ALICE[0], str(ALICE[1]))
        assert told["status"] == "Registered(UDP)"
        failures = running.events("sofia::register_failure")
        assert len(failures) == (result == "FORBIDDEN")
        assert all(one["network-port"] == str(ALICE[1]) for one in failures)


async def test_a_request_that_is_asked_for_credentials_is_told_before(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        await running.register(running.alice)
        (told,) = running.events("sofia::pre_register")
        assert (told["from-user"], told["network-ip"]) == ("1000", ALICE[0])
        assert "auth-result" not in told and "username" not in told
        names = [one["Event-Subclass"] for one in running.events("CUSTOM")]
        assert names.index("sofia::pre_register") < names.index("sofia::register_attempt")


async def test_a_request_without_credentials_is_no_attempt(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"accept-blind-reg": "true"}) as running:
        running.alice.ask("REGISTER", "")
        await running.settle()
        assert running.events("sofia::register")
        assert not running.events("sofia::register_attempt")
