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
        assert await say("fifo count") == "manual_calls:0:0:0:0:0\nsales:0:1:1:1:0\n"
        assert await say("fifo count nobody") == "none\n"
        assert await say("fifo has_outbound") == "manual_calls:0\nsales:1\n"
        (member,) = b.queue.members.values()
        assert (await say("fifo status")).endswith(
            "node: sales\n outbound_name: \n outbound_per_cycle: 1 outbound_per_cycle_min: 1"
            " outbound_priority: 5 outbound_strategy: ringall\n has_outbound: 1\n"
            " outbound_priority: 5\n busy: 0\n ready: 1\n waiting: 1\n"
            f" caller_orig:\n  {one.uuid}\n consumer_orig:\n  {member.id}\n bridge:\n"
        )
        assert await say("fifo importance sales") == "importance: 3\n"
        assert await say("fifo importance sales 7") == "importance: 7\n"
        assert await say("fifo importance nobody") == "no fifo by that name\n"
        assert (await say("fifo")).startswith("list|list_verbose|count")
        assert (await say("fifo sing")).startswith("-ERR Usage: list|list_verbose|count")
        root = ElementTree.fromstring(await say("fifo list"))
        fifo = root.find("fifo[@name='sales']")
        assert root.tag == "fifo_report" and fifo is not None
        expected = {"name": "sales", "caller_count": "1", "waiting_count": "1", "importance": "7"}
        assert {name: fifo.get(name) for name in expected} == expected
        found = fifo.find("outbound/member")
        assert found is not None and found.text == "test/a"
        expected = {"simo": "2", "ring-count": "1", "start-time": "never", "use_count": "0"}
        assert {name: found.get(name) for name in expected} == expected
        manual = root.find("fifo[@name='manual_calls']/outbound/member")
        assert manual is not None and manual.text == "test/a" and manual.get("ring-count") is None
        caller = fifo.find("callers/caller")
        assert caller is not None and caller.get("uuid") == one.uuid
        assert caller.get("status") == "WAITING" and caller.find("cdr") is None
        assert (caller.get("position"), caller.get("slot")) == ("1", "0")
        verbose = ElementTree.fromstring(await say("fifo list_verbose sales"))
        assert verbose.findtext("fifo/callers/caller/cdr/variables/fifo_status") == "WAITING"
        assert await say("fifo list nobody") == "<fifo_report></fifo_report>\n"


async def test_who_talks_is_listed_as_a_bridge(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        one = b.call("in", script="hangup@30")
        await b.after(1)
        two = b.call("out", script="hangup@30")
        await b.after(2)
        root = ElementTree.fromstring(await b.switch.run_command("fifo list_verbose"))
        assert root.find("fifo/callers/caller") is None
        bridge = root.find("fifo[@name='sales']/bridges/bridge")
        assert bridge is not None and bridge.get("fifo_name") == "sales"
        assert int(bridge.get("bridge_start_epoch", "0")) > 0
        caller = bridge.find("caller")
        assert caller is not None and caller.get("uuid") == one.uuid
        assert bridge.findtext("consumer/uuid") == two.uuid
        assert bridge.find("consumer/cdr/callflow") is not None
        told = await b.switch.run_command("fifo status")
        assert told.endswith("".join(f"  {uuid}\n" for uuid in sorted((one.uuid, two.uuid))))


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
        assert await say("fifo_member add sales test/a x 40") == "+OK\n"
        (member,) = b.queue.members.values()
        assert (member.simo, member.timeout, member.taking_calls) == (1, 40, 1)
        for words in ("add sales", "find sales test/a"):
            assert await say(f"fifo_member {words}") == "-ERR Invalid!\n"
        assert (await say("fifo_member")).startswith("-USAGE: [add <fifo_name>")
        assert await say("fifo_add_outbound sales") == "0"
        assert await say("fifo_add_outbound sales test/c 3") == "1"
        assert await say("fifo_check_bridge") == "false"


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
