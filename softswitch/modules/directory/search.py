"""The talk with a caller who looks for somebody: letters, then the entries one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.directory.entries import Entry, matching
from softswitch.modules.directory.settings import ProfileSettings
from softswitch.switch import ivr, phrases

if TYPE_CHECKING:
    from softswitch.switch.session import Session

MOST_KEYS = 253
FIRST, LAST = "first_name", "last_name"


class Search:
    """One caller, who chooses among ``entries``."""

    def __init__(
        self,
        session: Session,
        settings: ProfileSettings,
        entries: tuple[Entry, ...],
        *,
        order: str,
        domain: str,
        voicemail_profile: str,
    ) -> None:
        self._session = session
        self._settings = settings
        self._entries = entries
        self._order = order
        self._domain = domain
        self._voicemail_profile = voicemail_profile
        self._ahead = ""
        """A key that was pressed while something was told that asks for none."""

    async def run(self) -> Entry | None:
        """Let the caller search until he has chosen, gives up, or has tried too often."""
        for _ in range(self._settings.max_menu_attempts):
            keys = await self._ask_letters()
            if not keys:
                continue
            if len(keys) < self._settings.min_search_digits:
                least = self._settings.min_search_digits
                self._ahead = await self._tell("min_search_digits", str(least))
                continue
            found = matching(self._entries, self._order, keys)
            most = self._settings.max_result
            if most and len(found) > most:
                self._ahead = await self._tell("result_count_too_large")
                continue
            self._ahead = await self._tell("result_count", str(len(found)))
            if not found:
                continue
            again, chosen = await self._browse(found)
            if not again:
                return chosen
        return None

    async def _ask_letters(self) -> str:
        """The keys of a name, up to the terminator or the first long pause."""
        settings = self._settings
        ends = settings.terminator_key + settings.switch_order_key
        timeout = round(settings.digit_timeout * 1000)
        while True:
            name = LAST if self._order == LAST else FIRST
            begun, self._ahead = self._ahead, ""
            begun = begun or await self._tell("intro", f"{name}:{settings.switch_order_key}")
            if begun and begun in ends:
                keys, end = "", begun
            else:
                collected = await ivr.collect_digits(
                    self._session,
                    minimum=0,
                    maximum=MOST_KEYS,
                    timeout_ms=timeout,
                    digit_timeout_ms=timeout,
                    terminators=ends,
                    begun=begun,
                )
                keys, end = collected.digits, collected.terminator or ""
            if not end or end == settings.terminator_key:
                return keys
            self._order = FIRST if self._order == LAST else LAST

    async def _browse(self, found: list[Entry]) -> tuple[bool, Entry | None]:
        """Tell the entries; whether to search again, and the one that was chosen."""
        settings = self._settings
        at = 0
        while True:
            key = await self._listen(found[at], at + 1)
            if not key:
                return False, None
            if key == settings.select_name_key:
                return False, found[at]
            if key == settings.new_search_key:
                return True, None
            if key == settings.prev_key:
                at = max(at - 1, 0)
            elif at + 1 < len(found):
                at += 1
            else:
                self._ahead = await self._tell("result_last", str(len(found)))

    async def _listen(self, entry: Entry, number: int) -> str:
        """Tell an entry and what can be done with it; the key, or nothing in time.

        The terminator skips what is told just now.
        """
        settings = self._settings
        key, self._ahead = self._skipped(self._ahead), ""
        key = key or await self._part("result_item", str(number))
        if not key and (name := await self._recorded_name(entry)):
            key = self._skipped(await self._heard(name))
        elif not key:
            key = await self._part("result_say_name", entry.full_name)
        if not key and entry.tells_extension:
            key = await self._part("result_at", entry.extension)
        if key:
            return key
        keys = (
            settings.select_name_key,
            settings.next_key,
            settings.prev_key,
            settings.new_search_key,
        )
        key = await self._tell("result_menu", ",".join(keys))
        if key:
            return self._skipped(key)
        timeout = round(settings.digit_timeout * 1000)
        collected = await ivr.collect_digits(
            self._session,
            minimum=0,
            maximum=1,
            timeout_ms=timeout,
            digit_timeout_ms=timeout,
            terminators=settings.terminator_key,
        )
        return collected.digits

    async def _recorded_name(self, entry: Entry) -> str:
        """The file in which voicemail has the name, as the person says it; nothing without one."""
        switch = self._session.switch
        if "mod_voicemail" not in switch.modules.running:
            return ""
        box = f"{self._voicemail_profile}/{entry.extension}@{self._domain}"
        path = await switch.run_command(f"vm_prefs {box}|name_path", session=self._session)
        return "" if path.startswith("-ERR") else path.strip()

    async def _part(self, macro: str, data: str) -> str:
        return self._skipped(await self._tell(macro, data))

    def _skipped(self, key: str) -> str:
        return "" if key == self._settings.terminator_key else key

    async def _tell(self, macro: str, data: str = "") -> str:
        """Say ``directory_<macro>``; the key that interrupted it, or nothing."""
        pressed: list[str] = []
        await phrases.phrase(
            self._session, f"directory_{macro}", data, terminators="", input=ivr.keep_first(pressed)
        )
        return "".join(pressed)

    async def _heard(self, sound: str) -> str:
        """Play a file; the key that interrupted it, or nothing."""
        pressed: list[str] = []
        await ivr.play(self._session, sound, terminators="", input=ivr.keep_first(pressed))
        return "".join(pressed)
