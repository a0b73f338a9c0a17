from __future__ import annotations

import logging
from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension


async def test_limits_are_shown_and_set(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("fsctl max_sessions") == "+OK max sessions: 1000\n"
        assert await run("fsctl max_sessions 7") == "+OK max sessions: 7\n"
        assert b.switch.admission.max_sessions == 7
        assert await run("fsctl sps 9") == "+OK sessions per second: 9\n"
        assert b.switch.admission.sessions_per_second == 9
        assert await run("fsctl last_sps") == "+OK last sessions per second: 0\n"
        assert (await run("fsctl sps_peak_reset")).startswith("+OK")
        for line in ("fsctl max_sessions x", "fsctl max_sessions 0"):
            assert await run(line) == "+OK max sessions: 7\n"
        assert await run("fsctl sps -1") == "+OK sessions per second: 9\n"


@pytest.mark.parametrize(
    ("words", "inbound", "outbound"),
    [("", True, True), (" inbound", True, False), (" outbound", False, True)],
)
async def test_new_calls_are_paused_and_let_in_again(
    tmp_path: Path, words: str, inbound: bool, outbound: bool
) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run(f"fsctl pause{words}") == "+OK\n"
        admission = b.switch.admission
        assert (admission.paused_inbound, admission.paused_outbound) == (inbound, outbound)
        assert await run(f"fsctl pause_check{words}") == "true"
        if outbound:
            assert await run("originate test/bob &park()") == "-ERR SWITCH_CONGESTION\n"
        assert await run(f"fsctl resume{words}") == "+OK\n"
        assert await run(f"fsctl pause_check{words}") == "false"
        assert await run("fsctl pause nonsense") == "+OK\n"
        assert await run("fsctl pause_check") == "true"


async def test_hupall_ends_all_calls(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        assert await b.switch.run_command("fsctl hupall") == "+OK\n"
        await b.ended(session)
        assert session.channel.hangup_cause is HangupCause.MANAGER_REQUEST


async def test_the_log_level_is_shown_and_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("softswitch")
    before = logger.level
    try:
        async with bench(tmp_path) as b:
            run = b.switch.run_command
            assert await run("fsctl loglevel warning") == "+OK log level: WARNING [4]\n"
            assert logger.level == logging.WARNING
            assert await run("fsctl loglevel 7") == "+OK log level: DEBUG [7]\n"
            assert await run("fsctl loglevel") == "+OK log level: DEBUG [7]\n"
            assert await run("fsctl loglevel 12") == "+OK log level: DEBUG [7]\n"
            assert (await run("fsctl loglevel loud")).startswith("-ERR ")
            assert (await run("fsctl loglevel ²")).startswith("-ERR ")
    finally:
        logger.setLevel(before)


async def test_a_hup_does_what_the_signal_does(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        before = b.switch.generation
        assert await b.switch.run_command("fsctl send_sighup") == "+OK\n"
        assert b.switch.generation is not before
        (trap,) = [event for event in b.events if event.name == "TRAP"]
        assert trap.headers["Trapped-Signal"] == "HUP"


async def test_digit_lengths_are_shown(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("fsctl min_dtmf_duration") == "+OK min dtmf duration: 400\n"
        assert await run("fsctl max_dtmf_duration") == "+OK max dtmf duration: 192000\n"


async def test_commands_in_expansions_are_switched_off_and_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("fsctl api_expansion") == "+OK api_expansion is on \n"
        assert await run("fsctl api_expansion off") == "+OK api_expansion is off \n"
        assert await run("eval ${toupper(a)}-${domain}") == (
            "<API Execute Permission Denied>-example.test"
        )
        assert await run("fsctl api_expansion on") == "+OK api_expansion is on \n"
        assert await run("eval ${toupper(a)}") == "A"


async def test_verbose_events_are_switched(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("fsctl verbose_events") == "+OK verbose_events is off \n"
        assert await run("fsctl verbose_events on") == "+OK verbose_events is on \n"
        assert b.switch.verbose_events


async def test_durations_of_digits_are_shown_and_set(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as b:
        run = b.switch.run_command
        assert await run("fsctl default_dtmf_duration") == "+OK default dtmf duration: 2000\n"
        assert await run("fsctl default_dtmf_duration 4000") == "+OK default dtmf duration: 4000\n"
        assert await run("fsctl default_dtmf_duration 400000") == (
            "+OK default dtmf duration: 192000\n"
        )
        assert await run("fsctl default_dtmf_duration 4000") == "+OK default dtmf duration: 4000\n"
        assert await run("fsctl max_dtmf_duration 8000") == "+OK max dtmf duration: 8000\n"
        assert await run("fsctl min_dtmf_duration 800") == "+OK min dtmf duration: 800\n"
        for given, taken in (("399", 400), ("long", 400), ("-1", 400), ("800", 800)):
            answer = await run(f"fsctl min_dtmf_duration {given}")
            assert answer == f"+OK min dtmf duration: {taken}\n"
        session = b.call("1")
        await b.after(1)
        await run(f"uuid_recv_dtmf {session.uuid} 1")
        await run(f"uuid_recv_dtmf {session.uuid} 2@5000")
        told = [e.headers["DTMF-Duration"] for e in b.events if e.name == "DTMF"]
        assert told == ["4000", "8000"]


async def test_a_busy_machine_takes_no_calls_where_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        run = b.switch.run_command
        assert await run("fsctl min_idle_cpu") == "+OK min idle cpu: DISABLED\n"
        assert await run("fsctl min_idle_cpu 20") == "+OK min idle cpu: 20.00%\n"
        for wrong in ("much", "nan", "-1", "inf"):
            assert (await run(f"fsctl min_idle_cpu {wrong}")).startswith("-ERR ")
        monkeypatch.setattr("softswitch.switch.admission.idle_percent", lambda: 19.0)
        refused = await run("originate null/1 &park()")
        assert refused == "-ERR SWITCH_CONGESTION\n"
        monkeypatch.setattr("softswitch.switch.admission.idle_percent", lambda: 21.0)
        b.switch.admission.check_outbound()


async def test_new_ids_are_of_the_version_that_is_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("fsctl uuid_version 7") == "+OK set uuid version: 7\n"
        assert (await run("create_uuid"))[14] == "7"
        assert await run("fsctl uuid_version 4") == "+OK set uuid version: 4\n"
        assert (await run("create_uuid"))[14] == "4"
        assert (await run("fsctl uuid_version 5")).startswith("-ERR ")


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        ("sync_clock", "+OK clock synchronized\n"),
        ("sync_clock_when_idle", "+OK clock synchronized\n"),
        ("reclaim_mem", "+OK\n"),
        ("flush_db_handles", "+OK\n"),
        ("recover", "+OK 0 session(s) recovered in total\n"),
        ("recover flush:sofia", "+OK flushed\n"),
    ],
)
async def test_what_is_always_done_is_agreed_to(tmp_path: Path, verb: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(f"fsctl {verb}") == answer


@pytest.mark.parametrize("verb", ["mdns_resolve enable", "sql stop", "threaded_system_exec", "x"])
async def test_what_has_nothing_to_act_on_is_refused(tmp_path: Path, verb: str) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command(f"fsctl {verb}")
        assert answer.startswith(
            "-ERR Invalid command" if verb == "x" else f"-ERR {verb.split()[0]}: "
        )


async def test_written_sql_is_logged_without_its_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path) as b:
        run, databases = b.switch.run_command, b.switch.databases
        store = databases.open(tmp_path / "a.db", ("CREATE TABLE t (secret TEXT)",))
        assert await run("fsctl debug_sql") == "+OK SQL DEBUG [on]\n"
        later = databases.open(tmp_path / "b.db", ("CREATE TABLE t (secret TEXT)",))
        with caplog.at_level(logging.DEBUG, "softswitch"):
            for database in (store, later):
                database.execute("INSERT INTO t VALUES (?)", ("xyzzy",))
                database.flush().result(10)
            assert await run("fsctl debug_sql") == "+OK SQL DEBUG [off]\n"
            store.execute("DELETE FROM t")
            store.close()
            later.close()
        told = [line for line in caplog.messages if " INTO t " in line or "DELETE" in line]
        assert told == ["a.db: INSERT INTO t VALUES (?)", "b.db: INSERT INTO t VALUES (?)"]
        assert "xyzzy" not in caplog.text
