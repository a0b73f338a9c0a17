"""Values made from other values: ``capture`` and ``strftime``."""

from __future__ import annotations

from softswitch.dialplan import arrays, pcre
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import time_text
from softswitch.switch.session import Session


@application(
    "capture",
    syntax="<varname>|<data>|<regex>",
    flags=ApplicationFlag.NO_MEDIA,
    module="mod_dptools",
)
async def capture(session: Session, data: str) -> None:
    """Match text and put what its groups caught into an array variable."""
    words = data.split("|", 2)
    if len(words) != 3 or not words[0]:
        session.log.error("capture: <varname>|<data>|<regex> wanted, not %r", data)
        return
    name, text, pattern = words
    try:
        found = pcre.compile_expression(pattern).match(text)
    except pcre.PatternError as error:
        session.log.error("capture: %s", error)
        return
    if found is not None:
        session.set(name, arrays.ArrayValue(group or "" for group in found))


@application(
    "strftime",
    syntax="<varname>=[<epoch>|]<format>",
    flags=ApplicationFlag.NO_MEDIA,
    module="mod_dptools",
)
async def strftime(session: Session, data: str) -> None:
    """Set a variable to the time of now, or of an epoch, in a format."""
    name, equals, form = data.partition("=")
    if not equals or not name.strip():
        session.log.error("strftime: <varname>=[<epoch>|]<format> wanted, not %r", data)
        return
    now = session.switch.now_us() // 1_000_000
    epoch, bar, rest = form.partition("|")
    if bar and epoch.strip().isdigit():
        now, form = int(epoch), rest
    try:
        zone = time_text.zone_of(session.get("timezone"), session.switch.generation.zones)
    except ValueError as error:
        session.log.warning("strftime: %s", error)
        zone = None
    session.set(name.strip(), time_text.format_time(form, now, zone))
