"""Running menus: play the greeting, collect digits, do what they mean, again and again."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from softswitch import registry
from softswitch.dialplan.hunt import substitute
from softswitch.switch import ivr, phrases
from softswitch.switch.ivr import Collected
from softswitch.switch.menu_definition import (
    CONFIGURATION,
    Action,
    Entry,
    Menu,
    MenuError,
    find_menu,
)

if TYPE_CHECKING:
    from softswitch.switch.digits import Digit
    from softswitch.switch.session import Session

DEEPEST = 12
"""Menus within menus."""
PIN_TRIES = 3
PIN_TIMEOUT_MS = 3000
PIN_DIGIT_TIMEOUT_MS = 10_000
PIN_PROMPT = "ivr/ivr-please_enter_pin_followed_by_pound.wav"
PIN_REFUSAL = "conference/conf-bad-pin.wav"
"""Where the menu names no sounds for its pin."""
DEFAULT_TERMINATOR = "#"


class Ending(Enum):
    """How a menu was left; all but the first two leave the menus above it as well."""

    BACK = "back"
    """One menu up: by an entry, or because its limit of failures or timeouts is reached."""
    TOP = "top"
    """To the first menu."""
    EXIT = "exit"
    LOCKED = "locked"
    """The caller does not know the pin."""
    BROKEN = "broken"
    """The menu, or one that it leads to, cannot be run."""


async def run(session: Session, name: str) -> None:
    """Run the menu of that name until it is left; ``ivr_menu_status`` tells how.

    It is ``success`` when a menu begins, ``failure`` or ``timeout`` as soon as its limit is
    reached. A menu that does not exist or has mistakes is logged with its place and left at once.
    """
    ending = await _Menus(session).enter(name, 1)
    if ending in (Ending.BROKEN, Ending.LOCKED):
        session.set("ivr_menu_status", "failure")


class _Menus:
    """The menus that a call is in, one within the other."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._terminator = (session.get("ivr_menu_terminator") or DEFAULT_TERMINATOR)[:1]

    async def enter(self, name: str, depth: int) -> Ending:
        """Run one menu and those below it."""
        session = self._session
        try:
            menu = await self._find(name)
        except MenuError as error:
            session.log.error("%s", error)
            return Ending.BROKEN
        if menu is None or depth > DEEPEST:
            reason = "leads more than 12 menus deep" if menu else "does not exist"
            session.log.error("the menu %r %s", name, reason)
            return Ending.BROKEN
        self._speak_as(menu)
        session.set("ivr_menu_status", "success")
        self._tell(menu, "enter")
        try:
            ending = await self._run(menu, depth)
            if depth == 1 and ending is not Ending.LOCKED:
                await self._play_until_key(menu, menu.exit_sound)
            return ending
        finally:
            self._tell(menu, "exit")

    def _tell(self, menu: Menu, what: str) -> None:
        session = self._session
        headers = {"Menu-Name": menu.name}
        session.switch.fire(session, "CUSTOM", headers, subclass=f"menu::{what}")

    def _speak_as(self, menu: Menu) -> None:
        """Let all that is spoken from here on have the menu's voice, as in FreeSWITCH."""
        if menu.tts_engine and menu.tts_voice:
            self._session.set("tts_engine", menu.tts_engine)
            self._session.set("tts_voice", menu.tts_voice)

    async def _find(self, name: str) -> Menu | None:
        """The menu as it is written now: each run reads it anew."""
        lookups = self._session.switch.lookups
        return find_menu(await lookups.configuration(CONFIGURATION, {"Menu-Name": name}), name)

    async def _run(self, menu: Menu, depth: int) -> Ending:
        if menu.pin and not await self._knows_pin(menu):
            return Ending.LOCKED
        failures = timeouts = 0
        greeting = menu.greet_long
        while True:
            if failures >= menu.max_failures:
                self._session.set("ivr_menu_status", "failure")
                await self._execute(menu.exec_on_max_failures, menu)
                return Ending.BACK
            if timeouts >= menu.max_timeouts:
                self._session.set("ivr_menu_status", "timeout")
                await self._execute(menu.exec_on_max_timeouts, menu)
                return Ending.BACK
            collected = await self._collect(menu, greeting)
            greeting = menu.greet_short or menu.greet_long
            if not collected.digits:
                if collected.terminator is None:
                    timeouts += 1
                else:
                    failures += 1
                continue
            if not await self._confirmed(menu, collected.digits):
                failures += 1
                continue
            found = [
                (entry, captures)
                for entry in menu.entries
                if (captures := entry.match(collected.digits)) is not None
            ]
            if not found:
                self._session.log.info("menu %s: %s is no choice", menu.name, collected.digits)
                await self._play_until_key(menu, menu.invalid_sound)
                failures += 1
                continue
            failures = 0
            for entry, captures in found:
                ending = await self._act(menu, entry, captures, depth)
                here = ending is None or (ending is Ending.TOP and depth == 1)
                if ending is not None and not here:
                    return ending
                if _leads_elsewhere(menu, entry):
                    greeting = menu.greet_long

    async def _act(
        self, menu: Menu, entry: Entry, captures: list[str | None], depth: int
    ) -> Ending | None:
        """Do what an entry says; None stays in the menu."""
        param = substitute(entry.param, captures) if entry.expression else entry.param
        match entry.action:
            case Action.EXIT:
                return Ending.EXIT
            case Action.BACK:
                return Ending.BACK
            case Action.TOP:
                return Ending.TOP
            case Action.EXECUTE:
                if param.partition(" ")[0].lower() == "transfer":
                    await self._play_until_key(menu, menu.transfer_sound)
                return None if await self._execute(param, menu) else Ending.BROKEN
            case Action.PLAY:
                await self._play_keeping(menu, param, until_key=False)
            case Action.PHRASE:
                macro, _, data = param.replace(",", ":", 1).partition(":")
                await phrases.phrase(self._session, macro.strip(), data.strip())
            case Action.SUBMENU if param.lower() != menu.name.lower():
                self._tell(menu, "exit")
                ending = await self.enter(param, depth + 1)
                self._tell(menu, "enter")
                self._speak_as(menu)
                return None if ending is Ending.BACK else ending
        return None

    async def _execute(self, action: str, menu: Menu) -> bool:
        """Run ``application data``; False, with a log line, where there is no such application."""
        name, _, data = action.strip().partition(" ")
        if not name:
            return True
        if registry.application.find(name) is None:
            self._session.log.error("menu %s: %s", menu.name, registry.application.lacks(name))
            return False
        await self._session.execute(name, data.strip())
        self._session.check_ready()
        return True

    async def _play(self, menu: Menu, sound: str, input: ivr.DigitHandler | None = None) -> None:
        """Play one of the menu's sounds; ``say:`` speaks with the menu's voice."""
        if not sound:
            return
        if sound.startswith("say:"):
            await ivr.play_speech(
                self._session,
                sound.removeprefix("say:"),
                engine=menu.tts_engine,
                voice=menu.tts_voice,
                terminators="" if input else None,
                input=input,
            )
            return
        await ivr.play(self._session, sound, terminators="" if input else None, input=input)

    async def _play_until_key(self, menu: Menu, sound: str) -> None:
        """Play a sound that any key ends; the key counts for what is asked next."""
        await self._play_keeping(menu, sound, until_key=True)

    async def _play_keeping(self, menu: Menu, sound: str, *, until_key: bool) -> None:
        ahead: list[Digit] = []

        def press(digit: Digit) -> bool:
            ahead.append(digit)
            return until_key

        try:
            await self._play(menu, sound, press)
        finally:
            for digit in reversed(ahead):
                self._session.digits.put_back(digit)

    async def _collect(self, menu: Menu, greeting: str) -> Collected:
        """Digits typed ahead, during the greeting or after it."""
        first: list[str] = []

        def press(digit: Digit) -> bool:
            first.append(digit.digit)
            return True

        await self._play(menu, greeting, press)
        if first and first[0] == self._terminator:
            # A key as any other while the greeting plays: there may be an entry for it.
            return Collected(first[0], None, "terminator")
        return await ivr.collect_digits(
            self._session,
            minimum=1,
            maximum=menu.digit_len,
            timeout_ms=menu.timeout,
            digit_timeout_ms=min(menu.inter_digit_timeout, menu.timeout),
            total_ms=menu.timeout,
            terminators=self._terminator,
            begun="".join(first),
        )

    async def _confirmed(self, menu: Menu, digits: str) -> bool:
        """Whether the caller meant what was typed, where the menu asks so."""
        if not menu.confirm_macro:
            return True
        for _ in range(menu.confirm_attempts):
            collected = await ivr.play_and_collect(
                self._session,
                f"phrase:{menu.confirm_macro}:{digits}",
                minimum=1,
                maximum=1,
                timeout_ms=menu.timeout,
                digit_timeout_ms=menu.timeout,
                terminators="",
            )
            if collected.digits:
                return collected.digits == menu.confirm_key or not menu.confirm_key
        return False

    async def _knows_pin(self, menu: Menu) -> bool:
        for _ in range(PIN_TRIES):
            collected = await ivr.play_and_collect(
                self._session,
                menu.pin_file or PIN_PROMPT,
                minimum=len(menu.pin),
                maximum=len(menu.pin),
                timeout_ms=PIN_TIMEOUT_MS,
                digit_timeout_ms=PIN_DIGIT_TIMEOUT_MS,
                terminators=self._terminator,
            )
            if collected.digits == menu.pin:
                return True
            await self._play(menu, menu.bad_pin_file or PIN_REFUSAL)
        return False


def _leads_elsewhere(menu: Menu, entry: Entry) -> bool:
    return entry.action is Action.SUBMENU and entry.param.lower() != menu.name.lower()
