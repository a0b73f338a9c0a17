"""A session: the one task that drives a channel and runs its applications.

The task walks the channel's states. A running application is ended early by cancelling the
wait it is in, through one private way (`Walk.interrupt`): a break, a transfer or a hang-up.
Applications therefore need ``try``/``finally`` and nothing else.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from softswitch.dialplan.arguments import is_true
from softswitch.log import CALL, CallLogger
from softswitch.media.engine import Stream
from softswitch.switch import digit_flow, execution, hooks, progress, routing
from softswitch.switch.bindings import Bindings
from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.digit_flow import DigitRules
from softswitch.switch.digits import Digit, DigitQueue
from softswitch.switch.ending import leave_partner
from softswitch.switch.hold import flip_recordings, play_hold_music
from softswitch.switch.leg import Leg
from softswitch.switch.states import CallState, ChannelState
from softswitch.switch.walk import Walk

if TYPE_CHECKING:
    from softswitch.dialplan.hunt import PlannedAction
    from softswitch.switch.events import Event
    from softswitch.switch.media_bugs import MediaBug
    from softswitch.switch.recording import SessionRecording
    from softswitch.switch.running_playback import RunningPlayback
    from softswitch.switch.switch import Switch

T = TypeVar("T")
_S = ChannelState


class Session:
    """One leg in the making, talking and ending."""

    def __init__(self, switch: Switch, channel: Channel, leg: Leg) -> None:
        self.switch = switch
        self.channel = channel
        self.uuid = channel.uuid
        self.leg = leg
        self.log = CallLogger("softswitch.call", channel.uuid, channel.name)
        self.digits = DigitQueue()
        self.actions: list[PlannedAction] = []
        """Actions still to run; filled by routing, or by whoever made the call."""
        self.peer: Session | None = None
        """The session this one is bridged to."""
        self.bridge_keys: dict[str, Callable[[], None]] = {}
        """Keys that do something while the session is bridged; they are not passed on."""
        self.verbose_events = False
        """Every event of the call has all variables."""
        self.transferred = False
        """It was routed anew at least once."""
        self.reuses_profile = False
        """Transfers change the caller profile instead of beginning another."""
        self.runs_on_when_hung_up = False
        """After hang-up the rest of the dialplan runs, as far as it may without a call."""
        self.refuses_video = False
        """Video that the far end offers is not taken."""
        self.is_conference = False
        """Its far end talks to many, and is told so (SIP: ``isfocus``, RFC 4579 §3.2)."""
        self.bindings: Bindings | None = None
        """Keys that applications of this session bound to actions."""
        self.asking = 0
        """How many applications ask this party for keys while it has a partner."""
        self.divert: Callable[[Event], None] | None = None
        """Takes what it tells of its keys, which nobody else hears of then."""
        self.keeps_digits = False
        """Whether the engine keeps this party's keys from its partner."""
        self.application_log: list[tuple[str, str, int]] = []
        """Applications that ran: name, data, time in microseconds (for the CDR)."""
        self.watchers: list[Callable[[Session, str], None]] = []
        """Told ``ringing early_media answer bridged unbridged unhold hangup moved executes`` and
        ``over``."""
        self.records_due: list[tuple[Session, Callable[[Session, Session], None]]] = []
        """Called legs whose records this one's shall have, and how each is kept."""
        self.early_ok = False
        """Early media of this leg counts, whatever the attempt says (``uuid_early_ok``)."""
        self.parked: Callable[[Session], Awaitable[None]] | None = None
        """What runs in states that others control; None waits for the next state."""
        self.depth = 0
        """How many applications run inside one another now."""
        self.application_numbers = itertools.count(1)
        self.digit_rules = DigitRules()
        self.player: RunningPlayback | None = None
        """What plays on the call now, to be steered."""
        self.bugs: list[MediaBug] = []
        """What hangs on its media: recordings, listeners, detectors."""
        self.recordings: dict[str, SessionRecording] = {}
        """Recordings that run beside what the call does, by path."""
        self.filling: tuple[int | None, int | None] = (None, None)
        """The noise its far end hears in place of nothing, as the engine was told."""
        self.scopes: list[dict[str, str]] = []
        """Variables that only the running applications see, by lower-case name; innermost last."""
        self._walk = Walk()
        self.broadcasts: tuple[asyncio.Task[None], ...] = ()
        """What is played beside what it does: the first runs, the others wait for it."""
        self.lists_broken = 0
        """How many breaks were meant for whole lists of files."""
        self._breakable: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}
        self._beside: set[asyncio.Task[None]] = set()
        leg.attach(self)

    def __repr__(self) -> str:
        return f"<Session {self.channel!r}>"

    # What applications use

    @property
    def ready(self) -> bool:
        """True while the channel is up and nobody moved it elsewhere."""
        return (
            self.channel.state is self.channel.running_state and self.channel.state < _S.CS_HANGUP
        )

    @property
    def media(self) -> Stream:
        """The leg's RTP. Raises `CallFailed` where there is none (yet)."""
        stream = self.leg.media
        if stream is None:
            raise CallFailed(HangupCause.INCOMPATIBLE_DESTINATION, "the call has no media")
        return stream

    def get(self, name: str) -> str | None:
        """A variable of the running application, of the channel, a profile field or a global
        variable, in this order."""
        if self.scopes:
            for scope in reversed(self.scopes):
                if (value := scope.get(name.lower())) is not None:
                    return value
        value = self.channel.lookup(name)
        return value if value is not None else self.switch.globals.get(name)

    def pick(self, names: Iterable[str]) -> dict[str, str]:
        """Those of ``names`` that `get` would find, for features that hardly any call asks for.

        The names must be lower-case, and of no profile field.
        """
        layers = (self.switch.globals, self.channel.variables.items, *self.scopes)
        return {name: layer[name] for layer in layers for name in names if name in layer}

    def set(self, name: str, value: str) -> None:
        """Set a channel variable; an empty value removes it."""
        self.channel.variables.set(name, value)

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The task that walks the channel's states; None before the start."""
        return self._walk.task

    def is_true(self, name: str) -> bool:
        """True if that variable reads as true."""
        return is_true(self.get(name))

    async def expand(self, text: str) -> str:
        """``text`` with its ``${}`` replaced, commands in it run."""
        if "${" not in text and "\\" not in text:
            return text
        return await routing.expand(self, text)

    async def answer(self) -> None:
        """Answer the caller; nothing happens on answered and on outbound legs.

        Raises `CallFailed` where no media can be agreed.
        """
        await progress.answer(self)

    async def pre_answer(self) -> None:
        """Open media without answering (183); nothing where media is open already."""
        await progress.pre_answer(self)

    async def ring_ready(self, *, queued: bool = False) -> None:
        """Tell the caller that it rings (180, or 182 for ``queued``)."""
        await progress.ring_ready(self, queued=queued)

    def indicate_ringing(self) -> None:
        """`ring_ready` for whoever cannot wait: hooks run beside."""
        progress.indicate_ringing(self)

    def hangup(self, cause: HangupCause = HangupCause.NORMAL_CLEARING) -> None:
        """End the call; only the first cause counts. Returns at once."""
        if not self.channel.hang_up(cause):
            return
        leave_partner(self, cause)
        self.switch.fire(self, "CHANNEL_HANGUP")
        try:
            self.leg.hangup(cause)
        except Exception:
            # The session must walk its last states whatever becomes of the leg.
            self.log.exception("the leg could not be hung up")
        self.tell("hangup")
        for task in self._beside:
            if task is not asyncio.current_task(self.switch.loop):
                task.cancel()
        self._walk.interrupt()

    def transfer(
        self, extension: str, dialplan: str | None = None, context: str | None = None
    ) -> None:
        """Route this channel again; what it runs now is abandoned."""
        routing.transfer(self, extension, dialplan, context)

    def move(self, state: ChannelState) -> None:
        """Request a state; a running application ends."""
        if self.channel.move(state):
            self.tell("moved")
            self._walk.interrupt()

    def run_actions(self, actions: list[PlannedAction]) -> None:
        """Replace what is still to run and execute it."""
        self.actions = actions
        self.parked = None
        self.move(_S.CS_RESET)
        self.channel.move(_S.CS_EXECUTE)

    def break_(self, *, one_item: bool = False) -> None:
        """End the media operation that runs now; the application goes on.

        With ``one_item`` a playback of a list goes on with its next.
        """
        if not one_item:
            self.lists_broken += 1
        for future in self._breakable:
            _finish(future)

    def break_first(self, *, one_item: bool) -> None:
        """As `break_`, but while a broadcast runs that alone ends, not what it plays over."""
        if not self.broadcasts:
            self.break_(one_item=one_item)
            return
        if not one_item:
            self.lists_broken += 1
        for future, waiter in self._breakable.items():
            if waiter is self.broadcasts[0]:
                _finish(future)

    async def wait(self, operation: asyncio.Future[T]) -> T | None:
        """The result of ``operation``, or None when a break ended the wait.

        Raises CancelledError once the channel is no longer ready: the way every
        application is ended.
        """
        self.check_ready()
        if operation.done():
            return operation.result()
        stop: asyncio.Future[None] = self.switch.loop.create_future()
        self._breakable[stop] = asyncio.current_task(self.switch.loop)
        try:
            await asyncio.wait((operation, stop), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._breakable.pop(stop, None)
        return operation.result() if operation.done() else None

    async def sleep(self, milliseconds: float) -> None:
        """Wait; a break ends it early."""
        if milliseconds <= 0:
            return
        future: asyncio.Future[None] = self.switch.loop.create_future()
        timer = self.switch.loop.call_later(milliseconds / 1000, _finish, future)
        try:
            await self.wait(future)
        finally:
            timer.cancel()

    async def until_hangup(self) -> None:
        """Wait until the channel hangs up or is moved elsewhere."""
        self.check_ready()
        await self.switch.loop.create_future()

    def check_ready(self) -> None:
        """Raise CancelledError if the running application has lost its channel.

        What runs beside the session's task, such as a hook, loses it by hang-up alone.
        """
        beside = asyncio.current_task(self.switch.loop) in self._beside
        if not (self.channel.up if beside else self.ready):
            raise asyncio.CancelledError

    async def execute(self, name: str, data: str = "") -> bool:
        """Run one application with FreeSWITCH's rules; False if it could not be run."""
        return await execution.execute(self, name, data)

    # What the leg reports

    def on_ringing(self) -> None:
        """The far end rings."""
        progress.rang(self)

    def on_early_media(self) -> None:
        """The far end sends media before its answer."""
        progress.sent_early_media(self)

    def on_answer(self) -> None:
        """The far end answered."""
        progress.answered(self)

    def on_hangup(self, cause: HangupCause) -> None:
        """The far end ended or refused the call."""
        self.hangup(cause)

    def on_digit(self, digit: str, duration_ms: int, source: str) -> None:
        """A DTMF digit came from the far end."""
        if self.channel.up:
            digit_flow.receive(self, Digit(digit, duration_ms, source))

    def deliver_digit(self, digit: Digit) -> None:
        """Give a key that nothing is bound to to the application or partner that waits for it."""
        digit_flow.deliver(self, digit)

    def refresh_digit_flow(self) -> None:
        """Whoever changes what becomes of the party's digits says so here."""
        digit_flow.refresh(self)

    def on_hold(self, held: bool, *, music: bool = True) -> None:
        """The far end holds us, or takes us back; ``music`` says whether its partner hears some."""
        channel = self.channel
        if not channel.up or held is channel.held:
            return
        if held:
            channel.hold(self.switch.now_us())
            self.switch.fire(self, "CHANNEL_HOLD")
            if music:
                play_hold_music(self)
            flip_recordings(self)
        else:
            channel.release(self.switch.now_us())
            self.switch.fire(self, "CHANNEL_UNHOLD")
            self.tell("unhold")
            channel.set_callstate(CallState.ACTIVE)

    def on_media_timeout(self) -> None:
        """No packet came for longer than the profile allows."""
        if self.channel.up and hooks.present(self, "media_timeout"):
            self.spawn(progress.lose_media(self), "media timeout")
        else:
            self.hangup(HangupCause.MEDIA_TIMEOUT)

    # The task

    def start(self) -> None:
        """Give the session its task; called once by the switch."""
        before = CALL.set(self.uuid)
        try:
            self._walk.start(self)
        finally:
            CALL.reset(before)

    def spawn_hook(self, *points: str) -> None:
        """Run the ``execute_on_…``/``api_on_…`` hooks of a report beside the session's task."""
        if hooks.present(self, *points):
            self.spawn(hooks.run(self, *points), f"hook {points[0]}")

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run ``work`` beside the session's task; it ends with the call."""
        task = self.switch.loop.create_task(work, name=f"{name} of {self.uuid}")
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        self.switch.own(task)
        return task

    def unwatch(self, watcher: Callable[[Session, str], None]) -> None:
        """Tell a watcher no more. One that is told nothing, as after the end, is no error."""
        if watcher in self.watchers:
            self.watchers.remove(watcher)

    def tell(self, what: str) -> None:
        """Tell watchers what happened to the leg."""
        for watcher in list(self.watchers):
            try:
                watcher(self, what)
            except Exception:
                # One that fails must not keep the others, or the leg, from going on.
                self.log.exception("a watcher failed on %s", what)

    def reprofile(self, profile: CallerProfile) -> None:
        """Start a new caller profile on the channel."""
        self.channel.new_profile(profile, self.switch.now_us())


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
