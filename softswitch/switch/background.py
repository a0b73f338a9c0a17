"""Commands whose answer comes as an event: ``bgapi``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch


def run_in_background(switch: Switch, line: str, *, job: str = "", owner: str = "") -> str:
    """Run a command beside everything else; returns the job's id at once.

    Its answer is the body of a BACKGROUND_JOB event with that id. ``owner`` is the call that
    asks, if one does.
    """
    job = job or switch.new_uuid()
    headers = {"Job-UUID": job}
    if owner:
        headers["Job-Owner-UUID"] = owner

    async def run() -> None:
        command, _, arguments = line.partition(" ")
        headers["Job-Command"] = command
        if arguments:
            headers["Job-Command-Arg"] = arguments
        body = await switch.run_command(line, source="socket")
        switch.publish("BACKGROUND_JOB", headers, body=body or "-ERR no reply\n")

    switch.own(switch.loop.create_task(run(), name=f"bgapi {job}"))
    return job
