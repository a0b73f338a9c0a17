"""An application of your own, as an example: `say_hello` logs who calls and tells the time of day.

Change this file, type `python reload greeting` at the console, and the next call runs the new one.
"""

from datetime import datetime

from softswitch.registry import ApplicationFlag, application
from softswitch.switch.session import Session


@application("say_hello", syntax="[<name>]", flags=ApplicationFlag.NO_MEDIA)
async def say_hello(session: Session, data: str) -> None:
    """Set the variable `greeting` to a word that fits the hour, and log it."""
    hour = datetime.fromtimestamp(session.switch.now_us() / 1_000_000).hour
    word = "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"
    name = data.strip() or session.channel.profile.caller_id_name or "whoever you are"
    session.set("greeting", f"{word}, {name}")
    session.log.info("%s, %s", word, name)
