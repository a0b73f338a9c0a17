"""The applications ``callcenter`` and ``callcenter_track``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.callcenter.waiting import wait_in
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.callcenter.center import Center
    from softswitch.modules.callcenter.module import CallCenter
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

MODULE: Loadable[CallCenter] = Loadable("mod_callcenter")


def center_of(switch: Switch) -> Center:
    """The call centre of a switch. Raises `NotLoadedError`."""
    return MODULE.part(switch, lambda module: module.center)


@application("callcenter", syntax="<queue>", module=MODULE.name)
async def callcenter(session: Session, data: str) -> None:
    """Wait in a queue of ``callcenter.conf`` until an agent takes the call.

    After the talk, and where none did, the dialplan goes on; ``cc_cause`` and ``cc_cancel_reason``
    say which it was. ``cc_exit_keys``, ``cc_moh_override`` and ``cc_base_score`` are read.
    """
    center = center_of(session.switch)
    name = data.split(" ")[0]
    queue = await center.queue(name) if name else None
    if queue is None:
        session.log.warning("callcenter: there is no queue %r", name)
        return
    await wait_in(center, queue, session)


@application(
    "callcenter_track",
    syntax="<agent>",
    flags=ApplicationFlag.NO_MEDIA,
    module=MODULE.name,
)
async def callcenter_track(session: Session, data: str) -> None:
    """Count this call for an agent, so that queues do not ring him meanwhile."""
    center = center_of(session.switch)
    agent = center.agents.get(data.strip())
    if agent is None:
        session.log.warning("callcenter_track: there is no agent %r", data)
        return
    session.set("cc_tracked_agent", agent.name)
    agent.external_calls_count += 1
    center.keep_agent(agent)

    def left(_: Session, what: str) -> None:
        if what == "hangup":
            session.unwatch(left)
            agent.external_calls_count -= 1
            center.keep_agent(agent)
            center.wake()

    session.watchers.append(left)
