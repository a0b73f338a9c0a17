"""One watcher: a subscription, whom it watches, and what it was told last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from softswitch.endpoints.sip.presence.state import DialogState

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.subscription import Subscription

PACKAGES = ("presence", "dialog", "message-summary", "as-feature-event")
"""What can be subscribed to."""
LINE_PACKAGES = ("call-info", "line-seize")
"""What else can be where ``manage-shared-appearance`` is set."""
SHORTEST = 30
"""Seconds that no subscription is shorter than, but one that is ended."""
LONGEST = 86_400
USUAL = 3600
AFTER_RESTART = 1000
"""By how much a document's version jumps when a watcher is read back."""


@dataclass(slots=True, eq=False)
class Watcher:
    """Who is told of one resource, by one package of events."""

    profile: Profile
    subscription: Subscription
    package: str
    user: str
    domain: str
    protocol: str = ""
    """Of what kind the watched thing is (``conf``, ``park``); empty for a user."""
    agent: str = ""
    version: int = 0
    told: dict[str, DialogState] | None = field(default_factory=dict)
    """The dialogs as told last; None to tell all of them anew."""
    said: bytes = b""
    """The document, or the header in its place, that it was sent last."""
    seized: int = 0
    """The appearance of a shared line that it is about to call on."""
    resources: tuple[str, ...] = field(init=False)
    """All names of whom it watches: also with the kind that ``presence_map`` gives it, and in the
    other domains that ``presence-hosts`` says are the same. A rescan does not change them.
    """

    def __post_init__(self) -> None:
        own = self.domain.lower()
        same = self.profile.domains
        domains = (own, *sorted(same - {own})) if own in same else (own,)
        names = tuple(f"{self.user}@{domain}".lower() for domain in domains)
        if self.protocol and not self.user.startswith(f"{self.protocol}+"):
            names += tuple(f"{self.protocol}+{name}".lower() for name in names)
        self.resources = names

    @property
    def resource(self) -> str:
        """Whom it watches, as PRESENCE_IN names it."""
        return f"{self.user}@{self.domain}".lower()

    @property
    def entity(self) -> str:
        """The URI that documents name."""
        return f"sip:{self.user}@{self.domain}"

    @property
    def key(self) -> str:
        """What tells watchers apart in the database."""
        dialog = self.subscription.established()
        return f"{dialog.call_id} {dialog.local_tag} {dialog.remote_tag}"

    def changes(self, now: list[DialogState]) -> tuple[list[DialogState], bool]:
        """What is to be told of the dialogs that are there now, and whether that is partial."""
        before, self.told = self.told, {each.uuid: each for each in now}
        if before is None:
            return now, False
        changed = [each for each in now if before.get(each.uuid) != each]
        gone = [each for uuid, each in before.items() if uuid not in self.told]
        changed += [_over(each) for each in gone]
        return changed, True

    def snapshot(self, now: float) -> dict[str, Any]:
        """All that must be known to go on after a restart."""
        return {
            "package": self.package,
            "user": self.user,
            "domain": self.domain,
            "protocol": self.protocol,
            "agent": self.agent,
            "version": self.version,
            "subscription": self.subscription.snapshot(now),
        }


def _over(dialog: DialogState) -> DialogState:
    return DialogState(
        dialog.uuid,
        dialog.recipient,
        "terminated",
        dialog.name,
        dialog.number,
        dialog.call_id,
        dialog.local_tag,
        dialog.remote_tag,
    )
