"""The endpoint ``user``: a directory user's own dial string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan import expansion
from softswitch.registry import endpoint
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@endpoint("user", module="mod_dptools")
class UserEndpoint:
    """``user/<id>[@<domain>]`` rings wherever the directory says the user is."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    async def expand(self, target: str, parent: Session | None, variables: dict[str, str]) -> str:
        """The user's ``dial-string``; causes are those of FreeSWITCH."""
        name, _, domain = target.partition("@")
        domain = domain or self._switch.globals.get("domain", "")
        user = await self._switch.lookups.user(
            name, domain, action="user_call", params={"as_channel": "true"}, session=parent
        )
        if user is None:
            raise CallFailed(HangupCause.SUBSCRIBER_ABSENT, f"no user {name}@{domain}")
        dial_string = user.dial_string
        if not dial_string:
            raise CallFailed(
                HangupCause.MANDATORY_IE_MISSING, f"{name}@{domain} has no dial-string"
            )
        for key, value in user.params.items():
            if key.startswith("dial-var-"):
                variables[key.removeprefix("dial-var-")] = value
        own = {"dialed_user": name, "dialed_domain": domain}
        variables.update(own)
        if "presence_id=" not in dial_string:
            variables["presence_id"] = f"{name}@{domain}"
        if parent is not None:
            parent.set("dialed_user", name)
            parent.set("dialed_domain", domain)
        timeout = parent.get("call_timeout") if parent is not None else None
        if timeout:
            variables.setdefault("leg_timeout", timeout)
        for key, value in user.variables.items():
            variables.setdefault(key, value)

        def lookup(key: str) -> str | None:
            value = own.get(key) or variables.get(key)
            if value is None and parent is not None:
                value = parent.get(key)
            return value if value is not None else self._switch.globals.get(key)

        return await self._expand(dial_string, lookup)

    async def _expand(self, text: str, lookup: expansion.Lookup) -> str:
        work = expansion.expand(text, lookup)
        try:
            call = next(work)
            while True:
                line = f"{call.name} {call.arguments}"
                call = work.send(await self._switch.run_command(line, source="expansion"))
        except StopIteration as finished:
            result: str = finished.value
            return result
