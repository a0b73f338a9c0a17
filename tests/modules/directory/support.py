"""A small company whose people are found by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch.switch import modules
from tests.support.caller import Caller
from tests.support.prompts import put_prompts
from tests.support.switch import Bench, bench, extension

DOMAIN = "example.test"
PEOPLE = (
    ("1000", "Anna Smith"),
    ("1001", "Bob Smart"),
    ("1002", "Carl Jones"),
    ("1003", "Jürgen Müller"),
    ("1004", "Prince"),
)
DIRECTORY = """<domain name="example.test"><groups>
<group name="all"><users>{users}</users></group>
<group name="sales"><users><user id="1001" type="pointer"/></users></group>
</groups></domain>"""
CONFIGURATION = """<configuration name="directory.conf"><profiles>
<profile name="default">{settings}</profile></profiles></configuration>"""
ASKS_LAST = "directory/dir-last_name"
ASKS_FIRST = "directory/dir-first_name"
ENTRY = "directory/dir-result_number"
CHOOSE = "directory/dir-to_select_entry"


def user(name: str, full_name: str, *, params: str = "", attributes: str = "") -> str:
    """One user of the directory."""
    return (
        f'<user id="{name}" {attributes}><params>{params}</params><variables>'
        f'<variable name="effective_caller_id_name" value="{full_name}"/></variables></user>'
    )


def param(name: str, value: str) -> str:
    return f'<param name="{name}" value="{value}"/>'


class Company:
    """A bench with mod_directory running; extension ``find`` searches in it."""

    def __init__(self, b: Bench, sounds: Path) -> None:
        self.bench = b
        self._sounds = sounds

    def call(self, number: str = "find", **variables: str) -> Caller:
        session = self.bench.call(number, variables=variables, caller="2000")
        return Caller(session, self._sounds)

    async def reached(self, caller: Caller) -> str:
        """Where the call went: the number that it was transferred to, or nothing."""
        session = await self.bench.ended(caller.session)
        return session.get("reached") or ""


@asynccontextmanager
async def company(
    folder: Path,
    *more: str,
    data: str = f"default {DOMAIN} default",
    settings: str = "",
    people: str = "",
) -> AsyncIterator[Company]:
    """``people`` are further users."""
    modules.discover()
    sounds = put_prompts(folder)
    users = "".join(user(*person) for person in PEOPLE) + people
    reached = extension(r"(\d{4})", "set reached=$1")
    async with bench(
        folder,
        extension("find", "answer", f"directory {data}", "set after=yes"),
        reached,
        *more,
        configuration=CONFIGURATION.format(settings=settings),
        directory=DIRECTORY.format(users=users),
        contexts=f'<context name="{DOMAIN}">{extension("1002", "set reached=by-domain")}</context>',
    ) as b:
        problem = await b.switch.modules.load("mod_directory")
        assert problem is None, problem
        yield Company(b, sounds)
        await asyncio.sleep(0)
