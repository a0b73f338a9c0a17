"""An interactive console: what is typed goes to the switch, what comes is shown readably."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from softswitch.config.running import Place
from softswitch.console.client import Client, Refused
from softswitch.console.completion import ConsoleCompleter
from softswitch.console.frames import Frame
from softswitch.console.line_editor import FUNCTION_KEYS, LineEditor
from softswitch.console.remote import Remote, connect
from softswitch.console.tables import as_json, render

RETRY_SECONDS = 1.0
# Cyan, red, red, red, magenta, bright cyan, green, yellow: console to debug.
LEVEL_COLOURS = (36, 31, 31, 31, 35, 96, 32, 33)

HELP = """Commands go to the switch; function keys run
{keys}
Of the console itself:
  /log [level], /nolog        show log lines, or no more
  /event [plain|json|xml] ..  show events: /event plain ALL
  /nixevent .., /noevents     show fewer events, or none
  /filter .., /filter delete  only events whose header has a value
  /uuid [uuid]                only log lines of one call; without a uuid all again
  /logfilter [text]           only log lines with that text
  /quit                       leave (also /exit, /bye, ... and Ctrl-D)
"""


@dataclass(frozen=True, slots=True)
class Look:
    """How log lines are shown."""

    colour: bool = True
    uuid: int = 0
    """How much of its call's uuid stands in front of each line, in characters."""


class Conversation:
    """One connection of an interactive console.

    ``show`` prints to the terminal; ``width`` gives its columns. With ``foreground`` that is the
    one the switch runs in: it has the switch's own log, and who leaves it stops the switch.
    """

    def __init__(
        self,
        show: Callable[[str], None],
        width: Callable[[], int],
        look: Look = Look(),
        keys: tuple[str, ...] = FUNCTION_KEYS,
        *,
        foreground: bool = False,
    ) -> None:
        self._show = show
        self._foreground = foreground
        self._width = width
        self._look = look
        self._keys = keys
        self._only_uuid = ""
        self._only_text = ""
        self._kept: list[str] = []
        """Commands that a connection is told so that it shows what the one before showed."""
        self.remote: Remote | None = None

    def __repr__(self) -> str:
        return f"<Conversation {self.remote!r}>"

    async def open(
        self,
        place: Place,
        loglevel: str | None,
        user: str | None = None,
        patience: float | None = None,
    ) -> str:
        """Connect, within so many seconds; the name of the switch. Raises `Refused`.

        ``loglevel`` is for the first time: later what was typed meanwhile holds.
        """
        if self.remote is None:
            self._kept = [] if loglevel is None else [f"log {loglevel}"]
        try:
            async with asyncio.timeout(patience):
                self.remote = await connect(*place, self.on_frame, user)
        except TimeoutError:
            raise Refused(f"{place.host} port {place.port} did not answer in time") from None
        for command in self._kept:
            answer = (await self.remote.ask(command)).text
            if answer.startswith("-ERR"):
                self._show(f"The switch refuses {command}: {answer}")
        return (await self.remote.command("hostname")).strip()

    async def ask(self, command: str) -> str:
        """What a console command prints; nothing when there is no connection."""
        try:
            return await self.remote.command(command) if self.remote else ""
        except Refused:
            return ""

    def on_frame(self, frame: Frame) -> None:
        """Show a log line or an event, if it is wanted."""
        if frame.kind == "log/data":
            uuid = frame.headers.get("User-Data", "")
            if (self._only_uuid and uuid != self._only_uuid) or self._only_text not in frame.body:
                return
            level = frame.headers.get("Log-Level", "7")
            colour = LEVEL_COLOURS[min(int(level), 7)] if level.isdigit() else 0
            line = _safe(frame.body.rstrip())
            if uuid and self._look.uuid:
                line = f"{_safe(uuid[: self._look.uuid])} {line}"
            self._show(f"\x1b[{colour}m{line}\x1b[0m" if self._look.colour else line)
        elif frame.kind.startswith("text/event"):
            self._show(_safe(frame.body.rstrip()) + "\n")
        elif frame.kind == "text/disconnect-notice":
            self._show(frame.body.partition("\n")[0])

    async def enter(self, line: str) -> bool:
        """Carry out a typed line; False when it says to leave. Raises `Refused`."""
        assert self.remote is not None
        if self._foreground and line == "...":
            line = "shutdown"
        elif line in ("/quit", "/exit", "/bye", "...", "quit", "exit", "bye"):
            if not self._foreground:
                return False
            line = ""
            self._show("The switch runs in this terminal: shutdown, or ..., stops it.")
        if line.startswith("/"):
            await self._local(line[1:], self.remote)
        elif line:
            rows = as_json(line)
            table = None
            if rows is not None:
                table = render(line, await self.remote.command(rows), self._width())
            answer = table if table is not None else await self.remote.command(line)
            self._show(_safe(answer).rstrip("\n") if table is None else answer.rstrip("\n"))
        return True

    async def _local(self, line: str, remote: Remote) -> None:
        name, _, rest = line.partition(" ")
        rest = rest.strip()
        if name == "help":
            keys = [f"  F{number:<3}{command}" for number, command in enumerate(self._keys, 1)]
            self._show(HELP.format(keys="\n".join(keys)).rstrip())
        elif name == "uuid":
            self._only_uuid = rest
            self._show(f"log lines of {rest or 'all calls'}")
        elif name == "logfilter":
            self._only_text = rest
            self._show(f"log lines with {rest!r}" if rest else "all log lines")
        elif self._foreground and name in ("log", "nolog"):
            level = "console" if name == "nolog" else rest
            self._show((await remote.command(f"console loglevel {level}")).rstrip())
        elif name == "log" and rest in ("0", "console"):
            await self._tell("nolog", remote)
        elif name in ("log", "nolog", "event", "nixevent", "noevents", "filter"):
            await self._tell(line, remote)
        else:
            self._show(f"/{name} is not known; /help lists what is")

    async def _tell(self, line: str, remote: Remote) -> None:
        answer = (await remote.ask(line)).text
        self._show(answer)
        if answer.startswith("+OK"):
            self._kept = _keep(self._kept, line)


def _keep(lines: list[str], line: str) -> list[str]:
    """What says the same as these lines and then this one."""
    name = line.partition(" ")[0]
    if name in ("log", "nolog"):
        over = [one for one in lines if one.startswith("log ")]
    elif name == "noevents":
        over = [one for one in lines if one.startswith(("event ", "nixevent "))]
    else:
        over = [line]
    kept = [one for one in lines if one not in over]
    return kept if name in ("nolog", "noevents") else [*kept, line]


def _safe(text: str) -> str:
    """``text`` that cannot command the terminal: callers write into log lines."""
    return "".join(
        char if char in "\n\t" or char.isprintable() else f"\\x{ord(char):02x}" for char in text
    )


def run(
    place: Callable[[], Place],
    *,
    loglevel: str | None,
    history: Path | None,
    retry: bool = False,
    reconnect: bool = False,
    user: str | None = None,
    batch: bool = False,
    keys: tuple[str, ...] = FUNCTION_KEYS,
    look: Look = Look(),
    interrupt: bool = False,
    patience: float | None = None,
) -> int:
    """Talk until the user leaves; commands from a pipe, or with ``batch`` from the terminal, are
    run one by one without a prompt. The exit status.

    ``place`` is asked before each connection: a switch may come back with another address.
    ``interrupt`` lets Ctrl-C end it; ``patience`` is how many seconds a connection may take.
    """
    if batch or not sys.stdin.isatty():
        return _batch(place, user)
    conversation = Conversation(print, lambda: shutil.get_terminal_size().columns, look, keys)

    def editor(name: str) -> LineEditor:
        completer = ConsoleCompleter(conversation.ask)
        return LineEditor(
            name, completer, history, keys=keys, interrupt=interrupt, colour=look.colour
        )

    async def attempt() -> str:
        return await conversation.open(place(), loglevel, user, patience)

    try:
        return asyncio.run(interactive(conversation, attempt, editor, retry, lambda: reconnect))
    except KeyboardInterrupt:
        return 0


def _batch(place: Callable[[], Place], user: str | None) -> int:
    try:
        client = Client(*place(), user=user)
        for line in sys.stdin:
            if line.strip():
                print(client.command(line.strip()).rstrip("\n"), flush=True)
        client.close()
    except Refused as refused:
        print(f"softswitch console: {refused}", file=sys.stderr)
        return 1
    return 0


async def interactive(
    conversation: Conversation,
    attempt: Callable[[], Awaitable[str]],
    editor: Callable[[str], LineEditor],
    retry: bool,
    reconnect: Callable[[], bool],
) -> int:
    """Talk at the terminal; ``reconnect`` is asked when the connection is lost. The exit status."""
    from prompt_toolkit.patch_stdout import patch_stdout

    with patch_stdout(raw=True):
        while True:
            try:
                name = await attempt()
            except Refused as refused:
                if not retry:
                    print(f"softswitch console: {refused}", file=sys.stderr)
                    return 1
                await asyncio.sleep(RETRY_SECONDS)
                continue
            print(f"Connected to {name}. /help lists the console's own commands.")
            if await _talk(conversation, editor(name)):
                return 0
            print("The connection is lost.")
            if not reconnect():
                return 1
            retry = True


async def _talk(conversation: Conversation, editor: LineEditor) -> bool:
    """Read and carry out lines; True when the user left, False when the switch did."""
    remote = conversation.remote
    assert remote is not None
    while True:
        reading = asyncio.get_running_loop().create_task(editor.read())
        await asyncio.wait((reading, remote.closed), return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            reading.cancel()
            await asyncio.wait((reading,))
            return False
        line = reading.result()
        try:
            if not await conversation.enter("/quit" if line is None else line):
                remote.close()
                return True
        except Refused:
            return False
