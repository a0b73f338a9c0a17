from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.switch.chat import ChatMessage
from softswitch.switch.session import Session
from tests.modules.httapi.support import configuration, document, leader, loaded, permission
from tests.support.applications import application
from tests.support.switch import Bench, bench, extension

STAY = "sleep 100000"
HTTAPI = extension("1", "httapi", STAY)


async def led(b: Bench, works: int, within: float = 10.0, script: str = "") -> Session:
    """A call whose application has come to its end or to its last document."""
    call = b.call("1", script=script)
    loop = b.switch.loop
    limit = loop.time() + within
    while call.uuid in b.switch.sessions and loop.time() < limit:
        if call.get("current_application") == "sleep":
            break
        await asyncio.sleep(0.01)
    return call


@pytest.mark.parametrize(
    ("work", "granted", "told"),
    [
        ("<answer/><break/>", (), "answer"),
        ("<preAnswer/><break/>", (), "pre_answer"),
        ("<ringReady/><break/>", (), "ring"),
        ('<hangup cause="USER_BUSY"/>', (), "hangup USER_BUSY"),
        ("<hangup>CALL_REJECTED</hangup>", (), "hangup CALL_REJECTED"),
        ("<hangup/>", (), "hangup NORMAL_CLEARING"),
        ('<execute application="hangup" data="USER_BUSY"/>', ("execute-apps",),
         "hangup USER_BUSY"),
        ('<execute application="answer"/>', (), "hangup DESTINATION_OUT_OF_ORDER"),
        ("<execute/>", ("execute-apps",), "hangup DESTINATION_OUT_OF_ORDER"),
    ],
)  # fmt: skip
async def test_a_call_is_told_what_the_document_says(
    tmp_path: Path, work: str, granted: tuple[str, ...], told: str
) -> None:
    from tests.support.switch import verbs

    async with leader() as server:
        server.say(work)
        permissions = "".join(map(permission, granted))
        async with bench(tmp_path, HTTAPI, configuration=configuration(server, permissions)) as b:
            await loaded(b)
            call = await led(b, 1)
            assert told in verbs(call)


async def test_parameters_and_variables_are_kept_where_that_is_allowed(tmp_path: Path) -> None:
    lists = '<variable-list default="deny"><variable name="mine"/></variable-list>'
    permissions = permission("set-vars", "true", lists) + permission("get-vars", "true", lists)
    async with leader() as server:
        server.documents = [
            document(
                '<getVariable name="mine"/><getVariable name="mine" permanent="true"/>'
                '<log level="INFO">hello</log>',
                params="<a>1</a>",
                variables="<mine>${system(id)} x</mine><other>no</other>",
            ),
            document('<getVariable name="other"/><log>never</log>'),
        ]
        async with bench(tmp_path, HTTAPI, configuration=configuration(server, permissions)) as b:
            await loaded(b)
            call = await led(b, 2)
            assert call.get("mine") == "%{system(id)} x", "never expanded"
            assert call.get("other") is None
            assert len(server.asked) == 2, "a variable that is not allowed ends it"
            assert server.asked[1]["a"] == "1" and server.asked[1]["mine"] == "%{system(id)} x"


async def test_addresses_change_for_good_or_once(tmp_path: Path) -> None:
    async with leader() as server:
        server.say(
            f'<continue action="{server.url}/two"/>',
            f'<continue temp-action="{server.url}/three"/>',
            "<continue/>",
        )
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await led(await loaded(b), 4)
        assert server.paths[:4] == ["/start", "/two", "/three", "/two"]


@pytest.mark.parametrize("allowed", [True, False])
async def test_variables_in_a_text_are_filled_in_only_if_allowed(
    tmp_path: Path, allowed: bool
) -> None:
    ran: list[str] = []

    async def note(session: Session, data: str) -> None:
        ran.append(data)

    permissions = permission("execute-apps") + permission("expand-vars", str(allowed).lower())
    async with leader() as server:
        server.say('<execute application="note">${caller_id_number}</execute>')
        with application("note", note):
            async with bench(
                tmp_path, HTTAPI, configuration=configuration(server, permissions)
            ) as b:
                await led(await loaded(b), 1)
    assert ran == ["1000" if allowed else "%{caller_id_number}"]


@pytest.mark.parametrize(
    ("work", "granted", "number", "context"),
    [
        ("<dial>200</dial>", "", "200", "default"),
        ('<dial context="other" dialplan="XML">200</dial>', "", "200", "default"),
        ('<dial context="other">200</dial>', permission("dial-set-context"), "200", "other"),
        ("<dial>test/bob</dial>", "", "test/bob", "default"),
    ],
)
async def test_a_dialled_number_is_routed(
    tmp_path: Path, work: str, granted: str, number: str, context: str
) -> None:
    others = f'<context name="other">{extension("200", STAY)}</context>'
    numbers = (HTTAPI, extension("200", STAY), extension("test/bob", STAY))
    async with leader() as server:
        server.say(work)
        configured = configuration(server, granted)
        async with bench(tmp_path, *numbers, configuration=configured, contexts=others) as b:
            call = await led(await loaded(b), 1)
            profile = call.channel.profile
            assert (profile.destination_number, profile.context) == (number, context)


async def test_a_dial_string_is_bridged_where_that_is_allowed(tmp_path: Path) -> None:
    granted = permission("dial-full-originate") + permission("dial-set-cid-name")
    async with leader() as server:
        server.say('<dial caller-id-name="Me, you">test/bob</dial>')
        async with bench(tmp_path, HTTAPI, configuration=configuration(server, granted)) as b:
            await loaded(b)
            b.script("bob", "answer")
            call = b.call("1")
            await b.bridged(call)
            assert call.peer is not None
            assert call.peer.channel.profile.caller_id_name == "Me, you"
            assert call.peer.channel.profile.caller_id_number == "1000"


async def test_rooms_and_mailboxes_are_entered_by_applications(tmp_path: Path) -> None:
    entered: list[tuple[str, str]] = []

    def noting(name: str) -> object:
        async def note(session: Session, data: str) -> None:
            entered.append((name, data))

        return note

    from softswitch import registry

    async with leader() as server:
        server.say(
            '<conference pin="12" flags="mute" profile="x">room@evil</conference>'
            '<voicemail id="1000" auth-only="true" profile="p"/><voicemail check="true"/>'
        )
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await loaded(b)
            b.switch.globals["domain"] = "d.test"
            kept = {name: registry.application.find(name) for name in ("conference", "voicemail")}
            try:
                for name in kept:
                    registry.application.remove(name)
                    registry.application(name)(noting(name))  # type: ignore[arg-type]
                await led(b, 1)
            finally:
                for name, entry in kept.items():
                    registry.application.remove(name)
                    assert entry is not None
                    registry.application.add(entry)
    assert entered == [
        ("conference", "room@default+12+flags{mute}"),
        ("voicemail", "check auth_only p d.test 1000"),
        ("voicemail", "check default d.test"),
    ]


@pytest.mark.parametrize(
    ("work", "value"), [("<conference>a</conference>", "conference"), ("<dial>1</dial>", "dial")]
)
async def test_what_is_not_allowed_ends_the_call(tmp_path: Path, work: str, value: str) -> None:
    async with leader() as server:
        server.say(work)
        configured = configuration(server, permission(value, "false"))
        async with bench(tmp_path, HTTAPI, configuration=configured) as b:
            call = await led(await loaded(b), 1)
            assert call.channel.hangup_cause.name == "DESTINATION_OUT_OF_ORDER"


async def test_messages_are_sent(tmp_path: Path) -> None:
    sent: list[ChatMessage] = []

    def send(message: ChatMessage) -> bool:
        sent.append(message)
        return True

    async with leader() as server:
        server.say('<sms to="2000@d.test">hello</sms><sms>no</sms>')
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            await loaded(b)
            b.switch.chat.carry("sip", send)
            await led(b, 1)
    (message,) = sent
    assert message.body == "hello"
    assert (message.headers["to"], message.headers["from"]) == ("2000@d.test", "1000")


@pytest.mark.parametrize("work", ["", "<dance/><log>never</log>"])
async def test_a_document_that_says_nothing_ends_it(tmp_path: Path, work: str) -> None:
    async with leader() as server:
        server.say(work)
        async with bench(tmp_path, HTTAPI, configuration=configuration(server)) as b:
            call = await led(await loaded(b), 1)
            assert call.ready and len(server.asked) == 1
