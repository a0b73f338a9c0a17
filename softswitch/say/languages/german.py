"""German: units before tens, ordinals to the end of numbers, a clock of 24 hours."""

from __future__ import annotations

from datetime import datetime

from softswitch.registry import say_language
from softswitch.say.language import Spoken
from softswitch.say.request import Gender
from softswitch.say.speaking import weekday

_ONE = {
    Gender.NEUTER: "digits/1",
    Gender.MASCULINE: "digits/1-m",
    Gender.FEMININE: "digits/1-f",
}
"""eins, ein, eine."""


@say_language("de", module="mod_say_de")
class German:
    """German as spoken in Germany."""

    def number(
        self, value: int, *, counted: bool = False, gender: Gender = Gender.NEUTER
    ) -> list[str]:
        """Millions are counted in the feminine; an ordinal bends the last word alone."""
        if value == 0:
            return ["digits/0"]
        said: list[str] = []
        if millions := value // 1_000_000:
            said += self._hundreds(millions, Gender.FEMININE)
            said.append("digits/million" if millions == 1 else "digits/millions")
        if thousands := value // 1000 % 1000:
            said += [*self._hundreds(thousands, Gender.MASCULINE), "digits/thousand"]
        said += self._hundreds(value % 1000, gender)
        if counted:
            last = "digits/1" if said[-1] in _ONE.values() else said[-1]
            said[-1] = last.replace("digits/", "digits/h-", 1)
        return said

    def _hundreds(self, value: int, gender: Gender) -> list[str]:
        hundreds, rest = divmod(value, 100)
        tens, units = divmod(rest, 10)
        said = [self._unit(hundreds, Gender.MASCULINE), "digits/hundred"] if hundreds else []
        if 10 <= rest < 20:
            return [*said, f"digits/{rest}"]
        if tens and units:
            return [*said, self._unit(units, Gender.MASCULINE), "digits/and", f"digits/{tens}0"]
        if tens:
            return [*said, f"digits/{tens}0"]
        return [*said, self._unit(units, gender)] if units else said

    def _unit(self, value: int, gender: Gender) -> str:
        return _ONE[gender] if value == 1 else f"digits/{value}"

    def year(self, value: int) -> list[str]:
        """Neunzehnhundertvierundachtzig, zweitausendsechsundzwanzig."""
        if not 1100 <= value < 2000:
            return self.number(value)
        high, low = divmod(value, 100)
        said = [*self.number(high), "digits/hundred"]
        return said + self.number(low) if low else said

    def date(self, moment: datetime, *, year: bool) -> list[str]:
        """Mittwoch, vierter März 2026."""
        said = [weekday(moment), *self.number(moment.day, counted=True)]
        said.append(f"time/mon-{moment.month - 1}")
        return said + self.year(moment.year) if year else said

    def clock(self, moment: datetime, *, all_hours: bool) -> list[str]:
        """Fünfzehn Uhr fünf; there is no other clock."""
        said = [*self.number(moment.hour, gender=Gender.MASCULINE), "time/oclock"]
        return said + self.number(moment.minute) if moment.minute else said

    def money(self, whole: str, cents: str | None, spoken: Spoken) -> list[str]:
        """Ein Euro fünfzig is said as ein Euro und fünfzig Cent."""
        said = [*spoken(whole, Gender.MASCULINE), "currency/euro"]
        if cents is None:
            return said
        return [*said, "currency/and", *spoken(cents, Gender.MASCULINE), "currency/cent"]

    def duration(self, hours: int, minutes: int, seconds: int) -> list[str]:
        """Null Stunden, eine Minute, fünf Sekunden."""
        said: list[str] = []
        for count, unit in ((hours, "hour"), (minutes, "minute"), (seconds, "second")):
            said += self.number(count, gender=Gender.FEMININE)
            said.append(f"time/{unit}" if count == 1 else f"time/{unit}s")
        return said
