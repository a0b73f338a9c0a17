"""Hooks: ``execute_on_…`` and ``api_on_…`` variables that run at points of a call's life.

Every variable whose name starts with the prefix runs, so ``execute_on_answer_2`` does too.
``app arg`` and ``app:arg`` run at once, ``app::arg`` runs beside what the call does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan import arrays

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def present(session: Session, *points: str) -> bool:
    """True if a hook of one of the points would run."""
    return _any(session) and any(
        _values(session, f"execute_on_{point}") or _values(session, f"api_on_{point}")
        for point in points
    )


async def run(session: Session, *points: str) -> None:
    """Run the hooks of each point (``answer``, ``media``, ``ring`` …), applications first."""
    if not _any(session):
        return
    for point in points:
        for value in _values(session, f"execute_on_{point}"):
            await execute(session, value)
    for point in points:
        for value in _values(session, f"api_on_{point}"):
            await command(session, value)


async def command(session: Session, value: str) -> None:
    """Run one ``command arguments`` or ``command::arguments``."""
    # Arguments have "::" of their own: uuid_broadcast <uuid> app::data.
    if "::" in value.split(" ", 1)[0]:
        value = value.replace("::", " ", 1)
    line = await session.expand(value)
    await session.switch.run_command(line, session=session, source="hook")


async def execute(session: Session, value: str) -> None:
    """Run one ``app arg``, ``app:arg`` or ``app::arg``; what stands first of the three counts."""
    space, colon = value.find(" "), value.find(":")
    cut = min((index for index in (space, colon) if index >= 0), default=len(value))
    if value.startswith("::", cut):
        session.spawn(_execute(session, value[:cut], value[cut + 2 :]), "hook")
        return
    await _execute(session, value[:cut], value[cut + 1 :])


async def _execute(session: Session, application: str, data: str) -> None:
    await session.execute(application.strip(), data)


def _any(session: Session) -> bool:
    """Hardly any call has hooks, and this is asked at each step of every call."""
    return session.channel.variables.hooked or bool(session.switch.global_hooks)


def _values(session: Session, prefix: str) -> list[str]:
    values: list[str] = []
    for _, value in session.channel.variables.with_prefix(prefix):
        values.extend(arrays.elements(value) or (value,))
    for name, value in session.switch.global_hooks.items():
        if name.startswith(prefix) and name not in session.channel.variables:
            values.append(value)
    return values
