"""Chat messages: through the chat plan, then to whoever speaks their protocol.

A message that comes in is searched for in the section ``chatplan``, which is written like a
dialplan over the message's headers; what its actions do not stop is delivered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from softswitch import registry
from softswitch.dialplan import expansion
from softswitch.dialplan.hunt import DeleteVariables, InlineAction, SetVariable, hunt
from softswitch.dialplan.model import Dialplan
from softswitch.dialplan.xml import read_contexts
from softswitch.switch.events import Event

Result = TypeVar("Result")

if TYPE_CHECKING:
    from collections.abc import Generator

    from softswitch.dialplan.hunt import HuntRequest
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

MOST_WAITING = 5000
"""Messages on their way at once; more are refused."""
MOST_HOPS = 16
"""Messages in a row that answer or pass on one another, so that a loop ends."""


@dataclass(slots=True)
class ChatMessage:
    """One message: headers as events name them (``from to proto context type`` …), and a text."""

    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    stopped: bool = False
    """Whether an action said that it goes no further."""

    def get(self, name: str) -> str | None:
        """A header by any spelling; ``body`` is the text. What came from outside is harmless."""
        lower = name.lower()
        if lower in ("body", "_body"):
            return expansion.disarm(self.body)
        for key, value in self.headers.items():
            if key.lower() == lower:
                return value
        return None

    def set(self, name: str, value: str) -> None:
        """Set a header; an empty value removes it."""
        for key in [key for key in self.headers if key.lower() == name.lower()]:
            del self.headers[key]
        if value:
            self.headers[name] = value

    def answer(self, text: str) -> ChatMessage:
        """A message back to whoever sent this one."""
        swapped = {
            "proto": self.headers.get("proto", ""),
            "from": self.headers.get("to", ""),
            "to": self.headers.get("from", ""),
            "type": "text/plain",
            "hops": str(self.hops + 1),
        }
        for one, other in (("from_user", "to_user"), ("from_host", "to_host")):
            swapped[one] = self.headers.get(other, "")
            swapped[other] = self.headers.get(one, "")
        for kept in ("sip_profile", "context"):
            swapped[kept] = self.headers.get(kept, "")
        return ChatMessage({name: value for name, value in swapped.items() if value}, text)

    @property
    def hops(self) -> int:
        """How many messages led to this one."""
        text = self.headers.get("hops", "0")
        return int(text) if text.isdecimal() else 0


Sender = Callable[[ChatMessage], bool]
"""Sends a message, or says that it cannot."""


class Chat:
    """The messages of a switch, and the protocols that carry them."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._senders: dict[str, Sender] = {}
        self._plan: tuple[int, Dialplan] | None = None
        self._waiting = 0

    def __repr__(self) -> str:
        return f"<Chat {', '.join(self._senders)}, {self._waiting} waiting>"

    def carry(self, protocol: str, sender: Sender) -> None:
        """Have messages of a protocol sent by ``sender``."""
        self._senders[protocol] = sender

    @property
    def protocols(self) -> list[str]:
        """What messages can be carried by."""
        return sorted(self._senders)

    def submit(self, message: ChatMessage) -> bool:
        """Take a message from outside; False where there are too many. What follows runs beside."""
        if self._waiting >= MOST_WAITING:
            return False
        self._waiting += 1
        switch = self._switch
        switch.own(switch.loop.create_task(self._process(message), name="chat message"))
        return True

    async def _process(self, message: ChatMessage) -> None:
        try:
            if self._switch.bus.wants("MESSAGE"):
                event = Event("MESSAGE", dict(message.headers), message.body)
                self._switch.bus.publish(event)
            await self._run_plan(message)
            if not message.stopped:
                self.deliver(message)
        finally:
            self._waiting -= 1

    def deliver(self, message: ChatMessage) -> bool:
        """Send a message by the protocol that it is for; False where nobody could."""
        protocol = message.headers.get("to_proto") or message.headers.get("proto") or ""
        sender = self._senders.get(protocol.lower())
        if sender is None:
            log.warning("a chat message by %r cannot be carried", protocol)
            return False
        if message.hops > MOST_HOPS:
            log.warning("a chat message to %s went in circles", message.headers.get("to"))
            return False
        return sender(message)

    # The chat plan

    @property
    def plan(self) -> Dialplan:
        """The contexts of the section ``chatplan``."""
        configuration = self._switch.generation.configuration
        if self._plan is None or self._plan[0] != configuration.number:
            dialplan, findings = read_contexts(configuration.section("chatplan"))
            for finding in findings:
                log.warning("%s", finding)
            self._plan = (configuration.number, dialplan)
        return self._plan[1]

    async def _run_plan(self, message: ChatMessage) -> None:
        if not self.plan.contexts:
            return

        def lookup(name: str) -> str | None:
            value = message.get(name)
            return value if value is not None else self._switch.globals.get(name)

        def caller(name: str) -> str | None:
            if name == "context":
                return message.get("context") or "default"
            if name == "destination_number":
                return message.get("to") or ""
            return message.get(name) or ""

        now = datetime.fromtimestamp(self._switch.now_us() / 1_000_000).astimezone()
        result = await self._drive(message, hunt(self.plan, caller, lookup, now))
        for action in result.actions:
            data = await self._drive(message, expansion.expand(action.data, lookup))
            await self.execute(message, action.application, data)
            if message.stopped:
                break

    async def execute(self, message: ChatMessage, application: str, data: str) -> None:
        """Run one chat application; an unknown one is logged."""
        entry = registry.chat_application.find(application)
        if entry is None:
            log.error("there is no chat application %s", application)
            return
        try:
            await entry.target(self._switch, message, data)
        except Exception:
            log.exception("chat application %s(%s) failed", application, data)

    async def _drive(
        self, message: ChatMessage, work: Generator[HuntRequest, str, Result]
    ) -> Result:
        try:
            request = next(work)
            while True:
                request = work.send(await self._answer(message, request))
        except StopIteration as finished:
            result: Result = finished.value
            return result

    async def _answer(self, message: ChatMessage, request: HuntRequest) -> str:
        match request:
            case SetVariable(name=name, value=value):
                message.set(name, value)
            case DeleteVariables(prefix=prefix):
                for name in list(message.headers):
                    if name.lower().startswith(prefix.lower()):
                        message.set(name, "")
            case InlineAction(application=name, data=data):
                await self.execute(message, name, data)
            case expansion.CommandCall(name=name, arguments=arguments):
                if name in registry.command:
                    line = f"{name} {arguments}" if arguments else name
                    return await self._switch.run_command(line, source="expansion")
        return ""
