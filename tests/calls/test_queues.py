"""Phones that wait in queues, and phones that take whoever waits: with their sound."""

from __future__ import annotations

from softswitch.phone.call import PhoneCall
from tests.support.server import Server
from tests.support.serving import Serve
from tests.support.switch import extension

MUSIC, FIRST_SAYS, SECOND_SAYS, AGENT_SAYS = 350, 620, 900, 1300
ENDLESS = "tone_stream://%(60000,0,{})"
QUEUE = (
    extension("88", f"fifo sales in undef {ENDLESS.format(MUSIC)}"),
    extension(
        "89",
        "set fifo_consumer_wrapup_time=100",
        f"fifo sales out wait undef {ENDLESS.format(MUSIC)}",
    ),
    extension("90", "answer", "fifo sales out nowait"),
)
CONFIGURATION = """<configuration name="modules.conf"><modules><load module="mod_fifo"/>
</modules></configuration><configuration name="fifo.conf"><fifos>
<fifo name="sales"{}</fifos></configuration>"""
QUIET = CONFIGURATION.format("/>")
MEMBER = CONFIGURATION.format('><member lag="0">user/1002@example.test</member></fifo>')


async def test_one_after_the_other_is_served_by_an_agent_who_stays(serve: Serve) -> None:
    server = await serve(*QUEUE, configuration=QUIET)
    first = await _waiting(server, "1000", FIRST_SAYS)
    second = await _waiting(server, "1001", SECOND_SAYS)
    agent = (await server.phone("1002")).call("89")
    await agent.expect_answer()
    await agent.play(ENDLESS.format(AGENT_SAYS))
    await agent.hear(FIRST_SAYS)
    await first.hear(AGENT_SAYS)
    await second.hear(MUSIC)
    first.hangup()
    await agent.hear(SECOND_SAYS)
    await second.hear(AGENT_SAYS)
    second.hangup()
    await agent.hear(MUSIC)
    agent.hangup()


async def test_who_takes_a_single_call_goes_with_it(serve: Serve) -> None:
    server = await serve(*QUEUE, configuration=QUIET)
    first = await _waiting(server, "1000", FIRST_SAYS)
    agent = (await server.phone("1002")).call("90")
    await agent.hear(FIRST_SAYS)
    first.hangup()
    assert await agent.expect_end() == 200


async def test_a_caller_who_gives_up_leaves_the_line_to_the_next(serve: Serve) -> None:
    server = await serve(*QUEUE, configuration=QUIET)
    first = await _waiting(server, "1000", FIRST_SAYS)
    await _waiting(server, "1001", SECOND_SAYS)
    first.hangup()
    await first.expect_end()
    agent = (await server.phone("1002")).call("90")
    await agent.hear(SECOND_SAYS)


async def test_a_member_is_called_while_somebody_waits(serve: Serve) -> None:
    server = await serve(*QUEUE, configuration=MEMBER)
    phone = await server.phone("1002", register=True)
    caller = await _waiting(server, "1000", FIRST_SAYS)
    agent = await phone.expect_call()
    agent.answer()
    await agent.play(ENDLESS.format(AGENT_SAYS))
    await agent.hear(FIRST_SAYS)
    await caller.hear(AGENT_SAYS)
    caller.hangup()
    assert await agent.expect_end() == 200


async def _waiting(server: Server, user: str, says: int) -> PhoneCall:
    call = (await server.phone(user)).call("88")
    await call.hear(MUSIC)
    await call.play(ENDLESS.format(says))
    return call
