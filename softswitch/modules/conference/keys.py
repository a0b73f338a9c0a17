"""The keys of a member: which digits do what, and how long a longer one is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.conference.settings import NO_CONTROLS, Control

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.settings import ConferenceFile


def group_of(member: Member) -> str:
    """The group of controls that holds for a member."""
    own = member.session.get("conference_controls")
    if own:
        return own
    profile = member.room.profile
    if member.moderator and profile.moderator_controls:
        return profile.moderator_controls
    return profile.caller_controls or "default"


def keys_of(member: Member, settings: ConferenceFile) -> Keys:
    """The keys that a member may press; none where its digits go to the others."""
    group = NO_CONTROLS if "dist-dtmf" in member.flags else group_of(member)
    return Keys(settings.keys(group))


class Keys:
    """Collects digits until they are those of a control."""

    def __init__(self, controls: dict[str, Control]) -> None:
        self._controls = controls
        self.pressed = ""
        """Digits that may be the beginning of a control."""

    @property
    def pending(self) -> bool:
        """Whether another digit may follow, or time decide."""
        return bool(self.pressed)

    def press(self, digit: str) -> tuple[str, Control] | None:
        """The control that is complete with this digit, and its digits."""
        self.pressed += digit
        longer = [key for key in self._controls if key.startswith(self.pressed)]
        if not longer:
            # What came before cannot be meant: the digit may begin something else.
            self.pressed = digit if len(self.pressed) > 1 else ""
            return self.press("") if self.pressed else None
        if longer == [self.pressed]:
            return self._take()
        return None

    def expire(self) -> tuple[str, Control] | None:
        """No other digit came in time: the control that was pressed so far, if it is one."""
        return self._take()

    def _take(self) -> tuple[str, Control] | None:
        digits, self.pressed = self.pressed, ""
        control = self._controls.get(digits)
        return (digits, control) if control is not None else None
