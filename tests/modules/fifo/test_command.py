from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.modules.fifo.support import office

FIFOS = '<fifo name="sales" importance="3"><member simo="2" timeout="30">test/a</member></fifo>'


async def test_queues_are_listed_and_counted(tmp_path: Path) -> None:
    async with office(tmp_path, fifos=FIFOS) as b:
        b.script("a", "ring@1")
        one = b.call("in", script="hangup@30")
        await b.after(2)
        say = b.switch.run_command
        assert await say("fifo count") == "sales:0:1:1:1:0\n"
        assert await say("fifo count nobody") == "none\n"
        assert await say("fifo has_outbound") == "sales:1\n"
        assert await say("fifo status sales") == "<Queue sales: 1 wait, 0 serve>\n"
        assert await say("fifo importance sales") == "importance: 3\n"
        assert await say("fifo importance sales 7") == "importance: 7\n"
        assert await say("fifo importance nobody") == "no fifo by that name\n"
        assert (await say("fifo")).startswith("-USAGE: list|list_verbose|count")
        root = ElementTree.fromstring(await say("fifo list"))
        fifo = root.find("fifo")
        assert root.tag == "fifo_report" and fifo is not None
        expected = {"name": "sales", "caller_count": "1", "waiting_count": "1", "importance": "7"}
        assert {name: fifo.get(name) for name in expected} == expected
        member = fifo.find("outbound/member")
        assert member is not None and member.text == "test/a" and member.get("simo") == "2"
        caller = fifo.find("callers/caller")
        assert caller is not None and caller.get("uuid") == one.uuid
        assert caller.get("status") == "WAITING" and caller.find("variables") is None
        verbose = ElementTree.fromstring(await say("fifo list_verbose sales"))
        assert verbose.find("fifo/callers/caller/variables/variable") is not None
        assert await say("fifo list nobody") == "<fifo_report></fifo_report>\n"


async def test_members_come_and_go_by_command(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        say = b.switch.run_command
        b.script("a", "answer@1 hangup@20")
        one = b.call("in", script="hangup@30")
        await b.after(1)
        assert await say("fifo_member add sales test/a 2 40 7 60") == "+OK\n"
        (member,) = b.queue.members.values()
        assert (member.simo, member.timeout, member.lag) == (2, 40, 7)
        await b.after(2)
        assert b.partner(one) is b.legs.legs["a"].session
        assert await say("fifo_member del sales test/a") == "+OK\n"
        assert not b.queue.members
        for words in ("add sales", "add sales test/a x", "find sales test/a"):
            assert await say(f"fifo_member {words}") == "-ERR Invalid!\n"
        assert (await say("fifo_member")).startswith("-USAGE: [add <fifo_name>")
        assert (await say("fifo_add_outbound sales")).startswith("-USAGE: <node> <url>")
        assert (await say("fifo_check_bridge")).startswith("-USAGE: <uuid>")


async def test_a_member_of_a_command_expires(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        b.script("a", "answer@1 hangup@20")
        await b.switch.run_command("fifo_member add sales test/a 1 60 5 10")
        await b.after(11)
        one = b.call("in", script="hangup@5")
        await b.after(3)
        assert b.partner(one) is None


async def test_the_file_is_read_anew(tmp_path: Path) -> None:
    async with office(tmp_path, fifos=FIFOS) as b:
        say = b.switch.run_command
        await say("fifo_member add sales test/b")
        conf = tmp_path / "conf/freeswitch.xml"
        conf.write_text(conf.read_text().replace('importance="3"', 'importance="8"'))
        await say("reloadxml")
        assert await say("fifo reparse") == "+OK\n"
        assert b.queue.importance == 8 and len(b.queue.members) == 2
        await say("fifo reparse del_all")
        assert [one.dial_string for one in b.queue.members.values()] == ["test/a"]


async def test_without_the_module_commands_say_so(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        await b.switch.modules.unload("mod_fifo")
        for name in (
            "fifo list",
            "fifo_member add a b",
            "fifo_add_outbound a b",
            "fifo_check_bridge x",
        ):
            assert await b.switch.run_command(name) == "-ERR mod_fifo is not loaded\n"
