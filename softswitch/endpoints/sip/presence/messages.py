"""Message waiting: what voicemail says, passed on to phones (RFC 3842)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.presence import documents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from softswitch.endpoints.sip.location import Binding
    from softswitch.endpoints.sip.presence.agent import PresenceAgent
    from softswitch.endpoints.sip.profile import Profile

MOST_ACCOUNTS = 100_000


class MessageWaiting:
    """The last MESSAGE_WAITING of each account, and who is told of it."""

    def __init__(self, agent: PresenceAgent) -> None:
        self._agent = agent
        self._last: dict[str, dict[str, str]] = {}

    def __repr__(self) -> str:
        return f"<MessageWaiting {len(self._last)} accounts>"

    def of(self, account: str) -> Mapping[str, str]:
        """The MWI- headers told last for ``user@domain``; empty for none."""
        return self._last.get(account, {})

    def take(self, headers: Mapping[str, str]) -> None:
        """A MESSAGE_WAITING: tell the account's watchers, or else its phones unasked."""
        account = headers.get("MWI-Message-Account", "")
        resource = account.lower().removeprefix("sip:")
        user, _, domain = resource.partition("@")
        if not user or not domain:
            return
        told = {name: value for name, value in headers.items() if name.startswith("MWI-")}
        if resource in self._last or len(self._last) < MOST_ACCOUNTS:
            self._last[resource] = told
        watchers = self._agent.of(resource, "message-summary")
        for watcher in watchers:
            self._agent.tell(watcher)
            watcher.profile.pump()
        if not watchers:
            body = documents.message_summary(account, told)
            for binding in self._agent.location.reach(user, domain):
                self._agent.tell_binding(binding, "message-summary", documents.SUMMARY, body)

    def ask(self, profile: Profile, account: str) -> None:
        """Have voicemail say what waits for ``user@domain``."""
        self._agent.switch.publish(
            "MESSAGE_QUERY",
            {"Message-Account": f"sip:{account}", "VM-Sofia-Profile": profile.name},
        )

    def registered(self, profile: Profile, binding: Binding, *, first: bool) -> None:
        """A phone registered: have it told what waits."""
        settings = profile.settings
        if settings.queries_messages and (
            first or settings.send_message_query_on_register != "first-only"
        ):
            self.ask(profile, binding.aor)
