from __future__ import annotations

import asyncio

import pytest

from softswitch.switch.causes import HangupCause
from softswitch.switch.events import Event
from tests.modules.event_socket.support import serving, until


async def test_commands_are_known_by_how_they_begin_in_any_case() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask("NOEVENTSfoo") == "-ERR not listening for events"
        assert await client.ask("exitfoo") == "+OK bye"
        assert b"Disconnected" in await client.ended()


async def test_a_console_line_is_several_commands() -> None:
    async with serving() as harness:
        harness.switch.answers |= {"a": "1\n", "b x": "2\n"}
        client = await harness.login()
        assert await client.ask("api a;; b x\nconsole_execute: true") == "1\n2\n"
        assert harness.switch.commands == ["a", "b x"]


async def test_a_console_is_told_its_line_and_a_program_the_name() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask("api no such") == "-ERR no Command not found!\n"
        console = await client.ask("api no such\nconsole_execute: true")
        assert console == "-ERR no such Command not found!\n"


async def test_a_background_job_answers_with_an_event() -> None:
    async with serving() as harness:
        harness.switch.answers["status now"] = "UP\n"
        client = await harness.login()
        await client.ask("event plain BACKGROUND_JOB")
        assert await client.ask("bgapi status now\nJob-UUID: j-1") == "+OK Job-UUID: j-1"
        event = await client.event()
        assert event["Job-UUID"] == "j-1"
        assert event["Job-Command"] == "status"
        assert event["Job-Command-Arg"] == "now"
        assert event["_body"] == "UP\n"


async def test_a_custom_event_can_be_sent_and_heard() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain CUSTOM my::event")
        answer = await client.ask(
            "sendevent CUSTOM\nEvent-Subclass: my::event\nX: y\nContent-Length: 2\n\nhi"
        )
        event = await client.event()
        assert answer == f"+OK {event['Event-UUID']}"
        assert event["Event-Subclass"] == "my%3A%3Aevent"
        assert (event["X"], event["_body"]) == ("y", "hi")


async def test_a_custom_event_without_a_subclass_is_not_sent() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert (await client.ask("sendevent CUSTOM")).startswith("-ERR ")


async def test_an_event_of_a_channel_goes_to_who_diverts_its_events() -> None:
    async with serving() as harness:
        harness.switch.new_session("u-1")
        watcher, controller, sender = [await harness.login() for _ in range(3)]
        await watcher.ask("event plain all")
        await controller.ask("myevents u-1")
        assert await controller.ask("divert_events on") == "+OK events diverted"
        await sender.ask("sendevent NOTIFY\nunique-id: u-1\nX: y")
        assert (await controller.event())["X"] == "y"
        harness.switch.publish("API", {"X": "public"})
        assert (await watcher.event())["X"] == "public"


async def test_messages_reach_their_channel() -> None:
    async with serving() as harness:
        session = harness.switch.new_session("u-1")
        client = await harness.login()
        execute = "call-command: execute\nexecute-app-name: answer"
        assert await client.ask(f"sendmsg u-2\n{execute}") == "-ERR invalid session id [u-2]"
        assert await client.ask(f"sendmsg u-1\n{execute}") == "+OK"
        assert await client.ask(f"sendmsg\nSession-Id: u-1\n{execute}") == "+OK"
        assert session.executed == [("answer", ""), ("answer", "")]
        assert await client.ask("sendmsg u-1\ncall-command: hangup\nhangup-cause: 17") == "+OK"
        assert session.cause is HangupCause.USER_BUSY
        assert await client.ask(f"sendmsg u-1\n{execute}") == "-ERR invalid session id [u-1]"


async def test_controlling_a_channel_gives_its_events_variables_and_linger() -> None:
    async with serving() as harness:
        harness.switch.new_session("u-1").variables["name"] = "value"
        client = await harness.login()
        assert await client.ask("myevents") == "-ERR command not found"
        assert await client.ask("getvar name") == "-ERR command not found"
        assert await client.ask("myevents u-1 plain") == "+OK Events Enabled"
        assert await client.ask("myevents u-1") == "-ERR aready enabled."
        assert await client.ask("getvar name") == "value"
        assert await client.ask("getvar missing") == "-ERR command not found"
        assert await client.ask("linger 5") == "+OK will linger 5 seconds"
        assert await client.ask("linger") == "+OK will linger"
        assert await client.ask("nolinger") == "+OK will not linger"
        assert await client.ask("resume") == "+OK"
        harness.switch.publish("CHANNEL_ANSWER", {"Unique-ID": "u-2"})
        harness.switch.publish("CHANNEL_ANSWER", {"Unique-ID": "u-1"})
        assert (await client.event())["Unique-ID"] == "u-1"


async def test_filters_narrow_what_is_sent() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain API")
        assert await client.ask("filter add X /^a/") == "+OK filter added. [X]=[/^a/]"
        assert (await client.ask("filter X /(/")).startswith("-ERR")
        assert await client.ask("filter X") == "-ERR invalid syntax"
        assert await client.ask("filter delete") == "-ERR invalid syntax"
        assert await client.ask("filter delete all at once") == (
            "+OK filter deleted. [all][at once]"
        )
        assert await client.ask("filter add X /^a/") == "+OK filter added. [X]=[/^a/]"
        harness.switch.publish("API", {"X": "b"})
        harness.switch.publish("API", {"X": "ab"})
        assert (await client.event())["X"] == "ab"
        assert await client.ask("filter delete X /^a/") == "+OK filter deleted. [X][/^a/]"
        harness.switch.publish("API", {"X": "b"})
        assert (await client.event())["X"] == "b"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("log nonsense", "-ERR invalid log level"),
        ("log 0", "+OK log level 0 [0]"),
        ("log console", "+OK log level console [0]"),
        ("log debug please", "+OK log level debug [7]"),
        ("log", "+OK log level  [7]"),
    ],
)
async def test_log_levels_are_told_as_they_are_understood(line: str, answer: str) -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask(line) == answer


async def test_an_empty_command_is_answered_as_a_command() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask("api ") == "-ERR  Command not found!\n"
        assert (await client.ask("bgapi ")).startswith("+OK Job-UUID: ")


async def test_the_format_is_the_first_word_and_stays() -> None:
    async with serving() as harness:
        client = await harness.login()
        assert await client.ask("event xml") == "-ERR no keywords supplied"
        assert await client.ask("event API json") == "+OK event listener enabled xml"
        assert await client.ask("events json API") == "+OK event listener enabled json"
        harness.switch.publish("API")
        headers, text = await client.frame()
        assert headers["Content-Type"] == "text/event-json"
        assert text.startswith("{")


async def test_of_all_events_one_can_be_taken_away() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain ALL")
        assert await client.ask("nixevent HEARTBEAT") == "+OK events nixed"
        assert await client.ask("nixevent CUSTOM a::b") == "+OK events nixed"
        harness.switch.publish("HEARTBEAT")
        harness.switch.publish("CUSTOM", subclass="a::b")
        harness.switch.publish("CUSTOM", subclass="a::c")
        assert (await client.event())["Event-Subclass"] == "a%3A%3Ac"
        await client.ask("nixevent ALL")
        harness.switch.publish("API")
        assert await client.ask("noevents") == "-ERR not listening for events"


async def test_the_module_of_the_connection_is_unloaded_in_the_background() -> None:
    async with serving() as harness:
        harness.switch.answers["bgapi unload mod_event_socket"] = "+OK Job-UUID: j\n"
        client = await harness.login()
        assert await client.ask("bgapi unload mod_event_socket") == "+OK Job-UUID: j\n"
        assert harness.switch.commands == ["bgapi unload mod_event_socket"]


async def test_what_a_sent_event_says_of_itself_is_not_the_clients_to_choose() -> None:
    async with serving() as harness:
        client = await harness.login()
        await client.ask("event plain NOTIFY")
        await client.ask("sendevent NOTIFY\nevent-name: HEARTBEAT\nEvent-Sequence: 1\nX: y")
        event = await client.event()
        assert (event["Event-Name"], event["X"]) == ("NOTIFY", "y")
        assert event["Command"] == "sendevent%20NOTIFY"
        assert "event-name" not in event


async def test_a_lock_keeps_messages_of_other_clients_waiting_too() -> None:
    async with serving() as harness:
        session = harness.switch.new_session("u-1")
        session.gate = asyncio.Event()
        first, second = [await harness.login() for _ in range(2)]
        message = "sendmsg u-1\ncall-command: execute\nexecute-app-name:"
        assert await first.ask(f"{message} playback\nevent-lock: true") == "+OK"
        assert await second.ask(f"{message} set") == "+OK"
        assert await second.ask("sendmsg u-1\ncall-command: hangup") == "+OK"
        await first.close()
        await until(lambda: len(harness.server.connections) == 1)
        assert session.executed == [("playback", "")]
        session.gate.set()
        await until(lambda: len(session.executed) == 2)
        assert session.executed[1] == ("set", "")
        await until(lambda: session.cause is HangupCause.NORMAL_CLEARING)
        await until(lambda: not harness.server.messages)


async def test_a_channel_s_keys_are_diverted_until_the_last_who_asked_is_gone() -> None:
    async with serving() as harness:
        session = harness.switch.new_session("u-1")
        first, second = [await harness.login() for _ in range(2)]
        for client in (first, second):
            await client.ask("myevents u-1")
            await client.ask("divert_events on")
        await first.ask("divert_events off")
        session.divert(Event("DTMF", {"DTMF-Digit": "5"}))
        assert (await second.event())["DTMF-Digit"] == "5"
        await second.close()
        await until(lambda: len(harness.server.connections) == 1)
        assert session.divert is None
