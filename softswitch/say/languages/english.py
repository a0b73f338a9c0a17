"""English, with the prompts and the order that FreeSWITCH's ``mod_say_en`` has."""

from __future__ import annotations

from datetime import datetime

from softswitch.registry import say_language
from softswitch.say.language import Spoken
from softswitch.say.request import Gender
from softswitch.say.speaking import weekday


@say_language("en", module="mod_say_en")
class English:
    """English as spoken in the United States."""

    def number(
        self, value: int, *, counted: bool = False, gender: Gender = Gender.NEUTER
    ) -> list[str]:
        """Of ordinals there are first to ninth and round tens; all others are cardinals."""
        if value == 0:
            return ["digits/0"]
        said: list[str] = []
        for size, name in ((1_000_000, "digits/million"), (1000, "digits/thousand")):
            if group := value // size % 1000:
                said += [*self._hundreds(group), name]
        return said + self._hundreds(value % 1000, counted)

    def _hundreds(self, value: int, counted: bool = False) -> list[str]:
        hundreds, rest = divmod(value, 100)
        tens, units = divmod(rest, 10)
        ordinal = "h-" if counted else ""
        said = [f"digits/{hundreds}", "digits/hundred"] if hundreds else []
        if tens == 1:
            return [*said, f"digits/{rest}"]
        if tens:
            said.append(f"digits/{tens}0" if units else f"digits/{ordinal}{tens}0")
        return [*said, f"digits/{ordinal}{units}"] if units else said

    def year(self, value: int) -> list[str]:
        """In two halves, but for centuries and the first years of a millennium."""
        high, low = divmod(value, 100)
        if low == 0 or high % 10 == 0:
            return self.number(value)
        return self.number(high) + self.number(low)

    def date(self, moment: datetime, *, year: bool) -> list[str]:
        """Wednesday, March fourth, 2026."""
        said = [weekday(moment), f"time/mon-{moment.month - 1}"]
        said += self.number(moment.day, counted=True)
        return said + self.year(moment.year) if year else said

    def clock(self, moment: datetime, *, all_hours: bool) -> list[str]:
        """Three oh five p.m., or fifteen oh five hours."""
        hour, minute = moment.hour, moment.minute
        if all_hours:
            if hour == minute == 0:
                return [*self.number(24), "digits/hundred", "time/hours"]
            said = ["digits/0"] if hour < 10 else []
            said += self.number(hour)
            if minute == 0:
                return [*said, "digits/hundred", "time/hours"]
            said += ["digits/0"] if minute < 10 else []
            return [*said, *self.number(minute), "time/hours"]
        said = self.number(hour % 12 or 12)
        if minute == 0:
            said.append("time/oclock")
        else:
            said += ["time/oh"] if minute < 10 else []
            said += self.number(minute)
        return [*said, "time/p-m" if hour >= 12 else "time/a-m"]

    def money(self, whole: str, cents: str | None, spoken: Spoken) -> list[str]:
        """One dollar and fifty cents."""
        said = spoken(whole, Gender.NEUTER)
        said.append("currency/dollar" if int(whole) == 1 else "currency/dollars")
        if cents is None:
            return said
        said += ["currency/and", *spoken(cents, Gender.NEUTER)]
        return [*said, "currency/cent" if int(cents) == 1 else "currency/cents"]

    def duration(self, hours: int, minutes: int, seconds: int) -> list[str]:
        """Zero hours, one minute, five seconds: all three, always."""
        said: list[str] = []
        for count, unit in ((hours, "hour"), (minutes, "minute"), (seconds, "second")):
            said += [*self.number(count), f"time/{unit}" if count == 1 else f"time/{unit}s"]
        return said
