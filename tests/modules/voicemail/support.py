"""An office with voicemail: users 1000 to 1002, and calls that leave and hear messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch.modules.voicemail.mailbox import Mailbox
from softswitch.modules.voicemail.module import Voicemail
from softswitch.modules.voicemail.service import Service
from softswitch.modules.voicemail.store import Message
from softswitch.switch import modules
from tests.support.audio import tone, write_wav
from tests.support.caller import Caller
from tests.support.prompts import put_prompts
from tests.support.switch import Bench, bench, extension

DOMAIN = "example.test"
USERS = """<domain name="example.test"><params>{domain_params}</params><groups>
<group name="default"><users>
  <user id="1000" number-alias="5551000"><params>
    <param name="vm-password" value="1234"/>{params}</params>
    <variables><variable name="toll_allow" value="local"/></variables></user>
  <user id="1001"><params><param name="password" value="4321"/></params></user>
  <user id="1002"><params><param name="vm-enabled" value="false"/></params></user>
  <user id="1003"><params><param name="vm-password" value="user-choose"/></params></user>
</users></group></groups></domain>"""
CONFIGURATION = """<configuration name="voicemail.conf">{mode}<profiles>
<profile name="default">{settings}</profile></profiles></configuration>"""
BEEP = "tone %(1000, 0, 640)"


class Office:
    """A bench with voicemail running."""

    def __init__(self, b: Bench, sounds: Path) -> None:
        self.bench = b
        self.sounds = sounds
        module = b.switch.modules.running["mod_voicemail"]
        assert isinstance(module, Voicemail) and module.service is not None
        self.service: Service = module.service

    async def box(self, name: str = "1000") -> Mailbox:
        box = await self.service.find(f"{name}@{DOMAIN}")
        assert box is not None
        return box

    async def messages(self, name: str = "1000") -> list[Message]:
        return await (await self.box(name)).store.messages(name, DOMAIN)

    def call(self, number: str, **variables: str) -> Caller:
        """Dial ``leave``, ``check`` or whatever extension there is."""
        session = self.bench.call(number, variables=variables, caller="2000")
        return Caller(session, self.sounds)

    async def leave(self, seconds: float = 5, keys: str = "#") -> None:
        """Leave a message for 1000, by the book."""
        caller = self.call("leave")
        await caller.hears(BEEP)
        await self.bench.after(1 + seconds)
        caller.presses("#")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.answers("voicemail/vm-mark-urgent", keys)
        await self.bench.ended(caller.session)

    async def put(
        self, uuid: str, *, name: str = "1000", created: int = 1000, seconds: int = 4, **fields: str
    ) -> Message:
        """A message that is there already."""
        box = await self.box(name)
        box.folder.mkdir(parents=True, exist_ok=True)
        path = box.message(uuid)
        write_wav(path, tone(440, seconds * 1000))
        message = Message(
            *(box.id, DOMAIN, uuid, created, "Bob", "3000", str(path), seconds),
            **fields,  # type: ignore[arg-type]
        )
        await box.store.add(message)
        return message

    def events(self, action: str) -> list[dict[str, str]]:
        """The ``vm::maintenance`` events of one action."""
        return [
            event.headers
            for event in self.bench.events
            if event.subclass == "vm::maintenance" and event.headers["VM-Action"] == action
        ]

    @property
    def waiting(self) -> list[str]:
        """What the message lamps were told: ``yes 1/0 NEW``."""
        return [
            f"{e.headers['MWI-Messages-Waiting']} {e.headers['MWI-Voice-Message']}"
            f" {e.headers['Update-Reason']}"
            for e in self.bench.events
            if e.name == "MESSAGE_WAITING"
        ]


def params(**values: str) -> str:
    """``a_b="c"`` as ``<param name="a-b" value="c"/>``."""
    return "".join(
        f'<param name="{name.replace("_", "-")}" value="{value}"/>'
        for name, value in values.items()
    )


@asynccontextmanager
async def office(
    folder: Path,
    *actions: str,
    settings: str = "",
    mode: str = "",
    user: str = "",
    domain: str = "",
    more: tuple[str, ...] = (),
) -> AsyncIterator[Office]:
    """Voicemail with a profile's settings; ``actions`` is the extension ``run``."""
    modules.discover()
    sounds = put_prompts(folder)
    async with bench(
        folder,
        extension("leave", "answer", f"voicemail default {DOMAIN} 1000", "set after=yes"),
        extension("check", "answer", f"voicemail check default {DOMAIN} 1000", "set after=yes"),
        extension("run", *actions),
        *more,
        configuration=CONFIGURATION.format(settings=settings, mode=mode),
        directory=USERS.format(params=user, domain_params=domain),
    ) as b:
        problem = await b.switch.modules.load("mod_voicemail")
        assert problem is None, problem
        yield Office(b, sounds)
        await asyncio.sleep(0)
