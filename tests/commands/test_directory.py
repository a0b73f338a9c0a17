from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench

DIRECTORY = """<domain name="example.test">
<params><param name="dial-string"
 value="{presence_id=${dialed_user}@${dialed_domain}}test/${dialed_user},"/></params>
<variables><variable name="region" value="west"/></variables>
<groups><group name="default"><users>
<user id="1000" number-alias="7000" mailbox="99"><params><param name="password" value="x"/></params>
<variables><variable name="user_context" value="default"/>
<variable name="callgroup" value="tech"/></variables></user>
<user id="1001"><params><param name="group-dial-string" value="test/own"/></params></user>
</users></group>
<group name="sales"><users><user id="1000" type="pointer"/><user id="1001" type="pointer"/></users>
</group></groups></domain>"""

CASES = [
    ("user_data 1000@example.test var callgroup", "tech"),
    ("user_data 1000@example.test var region", "west"),
    ("user_data 1000 param password", "x"),
    ("user_data 7000 attr id", "1000"),
    ("user_data 1000 attr mailbox", "99"),
    ("user_data 1000 var nothing", ""),
    ("user_data 1000 other x", ""),
    ("user_data 9999 attr id", ""),
    ("user_data 1000", ""),
    ("user_exists id 1000 example.test", "true"),
    ("user_exists mailbox 99 example.test", "true"),
    ("user_exists id 1000 other.test", "false"),
    ("user_exists id 1000", "false"),
    ("domain_exists example.test", "true"),
    ("domain_exists other.test", "false"),
    ("domain_exists", ""),
    ("domain_data example.test var region", "west"),
    ("domain_data example.test attr name", "example.test"),
    ("domain_data other.test var region", ""),
    ("domain_data example.test", ""),
    ("in_group 1000,default", "true"),
    ("in_group 1001@example.test,sales", "true"),
    ("in_group 1000 default", "false"),
    ("in_group 1000,nosuch", "false"),
    ("in_group 9999,default", "false"),
    ("in_group 1000", "false"),
    ("group_call sales", "[presence_id=1000@example.test]test/1000,test/own"),
    ("group_call sales@example.test+F", "[presence_id=1000@example.test]test/1000|test/own"),
    ("group_call sales@example.test+E", "[presence_id=1000@example.test]test/1000:_:test/own"),
    ("group_call nosuch", "error/NO_ROUTE_DESTINATION"),
    ("group_call", "error/NO_ROUTE_DESTINATION"),
    ("reg_url 1000@example.test", "error/user_not_registered"),
    ("reg_url", "error/user_not_registered"),
    ("find_user_xml id 1000", "-ERR bad args\n"),
    ("find_user_xml id 9999 example.test", "-ERR can't find user\n"),
    ("xml_locate", "-ERR bad args\n"),
    ("xml_locate directory domain name", "-ERR bad args\n"),
    ("xml_locate nosuch", "can't find anything\n"),
]


@pytest.mark.parametrize(("line", "answer"), CASES)
async def test_the_directory_answers(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        assert await b.switch.run_command(line) == answer


async def test_parts_of_the_configuration_are_shown(tmp_path: Path) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        run = b.switch.run_command
        assert (await run("find_user_xml id 1000 example.test")).startswith('<user id="1000"')
        assert (await run("xml_locate root")).startswith("<document")
        domain = await run("xml_locate directory domain name example.test")
        assert domain.startswith('<domain name="example.test">') and "1001" in domain


async def test_users_are_listed_once_for_each_group(tmp_path: Path) -> None:
    header = (
        "userid|context|domain|group|contact|callgroup|effective_caller_id_name"
        "|effective_caller_id_number\n"
    )
    alice = "1000|default|example.test|{}|error/user_not_registered|tech||\n"
    bob = "1001||example.test|{}|error/user_not_registered|||\n"
    everybody = alice.format("default") + bob.format("default")
    everybody += alice.format("sales") + bob.format("sales")
    async with bench(tmp_path, directory=DIRECTORY) as b:
        run = b.switch.run_command
        assert await run("list_users") == f"{header}{everybody}\n+OK\n"
        assert await run("list_users group sales user 1001") == (
            f"{header}{bob.format('sales')}\n+OK\n"
        )
        assert await run("list_users domain other.test") == f"{header}\n+OK\n"
        assert await run("list_users colour red") == f"{header}{everybody}\n+OK\n"
        assert (await run("list_users 1 2 3 4 5 6 7 8 9")).startswith("-USAGE: ")


async def test_nobody_is_registered_with_verto(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("verto_contact 1000@d") == "error/user_not_registered"
        assert await b.switch.run_command("eval -${verto_contact(1000@d)}-") == "--"
        assert await b.switch.run_command("verto_contact") == "-USAGE: <user>@<domain>\n"
