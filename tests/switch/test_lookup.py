from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from softswitch.config.element import Element
from softswitch.config.fetched import read_fetched
from softswitch.switch.lookup import Inquiry, Lookups
from softswitch.switch.phrases import phrase
from tests.support.portal import NOT_FOUND, document
from tests.support.switch import bench, extension

DIRECTORY = """<domain name="example.test"><users>
<user id="1000" number-alias="7000"/><user id="1001"/></users></domain>"""
CONFIGURATION = '<configuration name="file.conf"/>'


class Shelf:
    """A binding that has its answers at hand, one for each section."""

    def __init__(self, **answers: str) -> None:
        self.answers = {
            section: read_fetched(text.encode(), "shelf", {})[0]
            for section, text in answers.items()
        }
        self.asked: list[Inquiry] = []

    async def ask(self, inquiry: Inquiry) -> Element | None:
        self.asked.append(inquiry)
        return self.answers.get(inquiry.section)


class Broken:
    """A binding with a mistake in it."""

    async def ask(self, inquiry: Inquiry) -> Element | None:
        raise RuntimeError("broken")


def users(*elements: str) -> str:
    return document(
        "directory",
        f'<domain name="example.test"><groups><group name="staff"><users>{"".join(elements)}'
        "</users></group></groups></domain>",
    )


def at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as finished:
        return finished.value
    raise AssertionError("it waits")


async def test_nothing_waits_where_nothing_is_bound(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "park"), directory=DIRECTORY, configuration=CONFIGURATION
    ) as b:
        lookups = b.switch.lookups
        lookups.bind(Shelf(), ["languages"])
        session = b.call("1")
        assert at_once(lookups.user("7000", "example.test")).id == "1000"
        assert at_once(lookups.domain("example.test")).name == "example.test"
        assert at_once(lookups.configuration("file.conf")).tag == "configuration"
        dialplan = at_once(lookups.dialplan(session, session.channel.profile))
        assert dialplan is b.switch.generation.dialplan
        assert not lookups.bound("directory") and lookups.bound("languages")


async def test_the_first_binding_that_answers_decides(tmp_path: Path) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        lookups = b.switch.lookups
        silent, unknowing = Shelf(), Shelf(directory=NOT_FOUND)
        first, second = Shelf(directory=users('<user id="2000"/>')), Shelf()
        for shelf in (silent, unknowing, first, second):
            lookups.bind(shelf, ["directory"])
        user = await lookups.user("2000", "example.test")
        assert user is not None and user.group == "staff"
        assert [len(shelf.asked) for shelf in (silent, unknowing, first, second)] == [1, 1, 1, 0]
        # Its domain is the domain: the users in the files are not looked at.
        assert await lookups.user("1000", "example.test") is None


async def test_the_files_know_what_no_binding_knows(tmp_path: Path) -> None:
    async with bench(tmp_path, directory=DIRECTORY, configuration=CONFIGURATION) as b:
        lookups = b.switch.lookups
        lookups.bind(Shelf(directory=NOT_FOUND, configuration=document("configuration", "")))
        user = await lookups.user("1001", "example.test")
        assert user is not None and user.id == "1001"
        assert await lookups.configuration("file.conf") is not None
        assert await lookups.locate("dialplan", "context", "name", "default") is not None


async def test_a_document_without_the_domain_is_an_answer_all_the_same(tmp_path: Path) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        other = Shelf(directory=document("directory", '<domain name="other.test"/>'))
        second = Shelf()
        b.switch.lookups.bind(other)
        b.switch.lookups.bind(second)
        assert await b.switch.lookups.user("1000", "example.test") is not None
        assert not second.asked


async def test_a_binding_that_fails_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, directory=DIRECTORY) as b:
        b.switch.lookups.bind(Broken())
        assert await b.switch.lookups.user("1000", "example.test") is not None
        assert "Broken" in caplog.text


async def test_a_binding_is_told_what_is_looked_for_and_why(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        shelf = Shelf()
        b.switch.lookups.bind(shelf, ["directory"])
        session = b.call("1", variables={"color": "blue"})
        await b.switch.lookups.user(
            "42", "a.test", action="user_call", params={"as_channel": "true"}, session=session
        )
        asked = shelf.asked[0]
        assert (asked.section, asked.tag, asked.key) == ("directory", "domain", "name")
        assert asked.value == "a.test"
        expected = {
            "Event-Name": "REQUEST_PARAMS",
            "Core-UUID": b.switch.core_uuid,
            "Unique-ID": session.uuid,
            "variable_color": "blue",
            "action": "user_call",
            "as_channel": "true",
            "key": "id",
            "user": "42",
            "domain": "a.test",
        }
        assert expected.items() <= asked.params.items()


async def test_a_binding_is_told_which_group_is_wanted(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        shelf = Shelf(directory=users('<user id="2000"/>'))
        b.switch.lookups.bind(shelf)
        assert await b.switch.run_command("group_call staff@example.test") == (
            "user/2000@example.test"
        )
        wanted = {"action": "group_call", "group": "staff", "domain": "example.test"}
        assert wanted.items() <= shelf.asked[0].params.items()


async def test_a_dialplan_of_a_binding_takes_the_place_of_the_files(tmp_path: Path) -> None:
    context = f'<context name="default">{extension("1", "hangup CALL_REJECTED")}</context>'
    async with bench(tmp_path, extension("1", "hangup"), extension("2", "hangup")) as b:
        shelf = Shelf(dialplan=document("dialplan", context))
        unbind = b.switch.lookups.bind(shelf, ["dialplan"])
        call = await b.ended(b.call("1"))
        assert call.channel.hangup_cause.name == "CALL_REJECTED"
        hunted = shelf.asked[0].params
        assert hunted["Hunt-Destination-Number"] == "1"
        assert hunted["Hunt-Context"] == "default"
        assert hunted["Caller-Caller-ID-Number"] == "1000"
        # What its context lacks is not looked for in the files.
        call = await b.ended(b.call("2"))
        assert call.channel.hangup_cause.name == "NO_ROUTE_DESTINATION"
        unbind()
        call = await b.ended(b.call("1"))
        assert call.channel.hangup_cause.name == "NORMAL_CLEARING"


async def test_equal_answers_are_read_once(tmp_path: Path) -> None:
    context = f'<context name="default">{extension("1", "park")}</context>'
    async with bench(tmp_path) as b:
        b.switch.lookups.bind(Shelf(dialplan=document("dialplan", context)))
        session = b.call("1")
        profile = session.channel.profile
        first = await b.switch.lookups.dialplan(session, profile)
        assert await b.switch.lookups.dialplan(session, profile) is first


@pytest.mark.parametrize(
    ("cacheable", "after", "requests"),
    [("", 0, 2), ("60000", 59, 1), ("60000", 61, 2), ("true", 86400, 1), ("false", 0, 2)],
)
async def test_users_are_kept_as_long_as_they_say(
    tmp_path: Path, cacheable: str, after: float, requests: int
) -> None:
    async with bench(tmp_path) as b:
        shelf = Shelf(directory=users(f'<user id="2000" cacheable="{cacheable}"/>'))
        b.switch.lookups.bind(shelf)
        for _ in range(2):
            user = await b.switch.lookups.user("2000", "example.test")
            assert user is not None
            await b.after(after)
        assert len(shelf.asked) == requests


async def test_kept_users_are_flushed(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        shelf = Shelf(
            directory=users('<user id="1" cacheable="true"/>', '<user id="2" cacheable="true"/>')
        )
        b.switch.lookups.bind(shelf)
        for name in ("1", "2"):
            await b.switch.lookups.user(name, "example.test")
        run = b.switch.run_command
        assert await run("xml_flush_cache id 1 example.test") == "+OK cleared 1 entry\n"
        assert await run("xml_flush_cache id 1 example.test") == "+OK cleared 0 entries\n"
        assert await run("xml_flush_cache") == "+OK cleared 1 entry\n"
        assert (await run("xml_flush_cache id")).startswith("-USAGE:")
        assert await run("user_exists id 2 example.test") == "true"
        assert len(shelf.asked) == 3


async def test_access_lists_are_made_of_what_bindings_know(tmp_path: Path) -> None:
    lists = (
        '<configuration name="acl.conf"><network-lists><list name="known" default="deny">'
        '<node type="allow" domain="example.test"/></list></network-lists></configuration>'
    )
    async with bench(tmp_path) as b:
        shelf = Shelf(
            configuration=document("configuration", lists),
            directory=users('<user id="2000" cidr="192.0.2.0/24"/>'),
        )
        unbind = b.switch.lookups.bind(shelf)
        assert not b.switch.generation.acl.check("known", "192.0.2.9").allowed
        assert await b.switch.run_command("reloadacl") == "+OK acl reloaded\n"
        result = b.switch.generation.acl.check("known", "192.0.2.9")
        assert (result.allowed, result.token) == (True, "2000@example.test")
        assert [inquiry.params.get("purpose") for inquiry in shelf.asked] == [None, "network-list"]
        unbind()
        await b.switch.reload_acl()
        assert "known" not in b.switch.generation.acl


async def test_commands_ask_bindings(tmp_path: Path) -> None:
    user = '<user id="2000" desk="7"><params><param name="vm-password" value="9"/></params></user>'
    async with bench(tmp_path) as b:
        b.switch.lookups.bind(Shelf(directory=users(user)))
        run = b.switch.run_command
        assert await run("user_data 2000@example.test param vm-password") == "9"
        assert await run("user_exists desk 7 example.test") == "true"
        assert await run("domain_exists example.test") == "true"
        assert await run("in_group 2000@example.test,staff") == "true"
        assert 'id="2000"' in await run("find_user_xml id 2000 example.test")
        assert 'id="2000"' in await run("xml_locate directory domain name example.test")


def test_a_lookup_says_what_is_bound() -> None:
    assert "sections: none" in repr(Lookups(None))  # type: ignore[arg-type]


SIG = '<macro name="sig"><input><match/></input></macro>'
TONGUES = f'<language name="EN"><phrases><macros>{SIG}</macros></phrases></language>'


async def test_a_language_is_asked_for_by_the_phrase_that_is_wanted(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park"), languages='<language name="de"/>') as b:
        shelf = Shelf(languages=document("languages", TONGUES))
        b.switch.lookups.bind(shelf, ["languages"])
        session = b.call("1")
        wanted = {"macro": "sig", "data": "7", "session": session}
        found = await b.switch.lookups.language("en", **wanted)
        assert found is not None and found.find("phrases") is not None
        (inquiry,) = shelf.asked
        assert (inquiry.section, inquiry.tag, inquiry.key) == ("languages", "", "")
        told = {"macro_name": "sig", "lang": "en", "data": "7", "Unique-ID": session.uuid}
        assert told.items() <= dict(inquiry.params).items()
        # What the binding does not know stands in the files.
        assert (await b.switch.lookups.language("de", **wanted)) is not None
        assert (await b.switch.lookups.language("fr", **wanted)) is None
        session.hangup()
        await b.ended(session)


async def test_the_older_section_of_phrases_is_asked_too(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        macros = f'<macros><language name="en">{SIG}</language></macros>'
        b.switch.lookups.bind(Shelf(phrases=document("phrases", macros)), ["phrases"])
        session = b.call("1")
        found = await b.switch.lookups.language("en", macro="sig", session=session)
        assert found is not None and found.find("macro", name="sig") is not None
        assert (await phrase(session, "sig")).reason == "done"
        session.hangup()
        await b.ended(session)
