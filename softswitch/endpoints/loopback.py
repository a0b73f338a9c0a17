"""The endpoint ``loopback``: a call out that comes in again and is routed in the dialplan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from softswitch.dialplan.arguments import is_false
from softswitch.dialplan.hunt import PlannedAction
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.registry import ApplicationFlag, application, endpoint
from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.channel import Channel
from softswitch.switch.states import Direction

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.indications import Indication
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

BOWOUT_SECONDS = 2.0
"""How long both halves talk to real calls before these are joined without them."""

_NEAR_ONLY = ("origination_", "group_confirm_")
"""Variables that concern whoever rings: what comes in again does not get them."""


@endpoint("loopback", module="mod_loopback")
class LoopbackEndpoint:
    """``loopback/<extension>[/<context>[/<dialplan>]]`` or ``loopback/app=<app>[:<data>]``.

    A caller who dials it has early media at once, unless ``loopback_no_pre_answer`` is true.
    Where both halves talk to real calls, those are joined directly and the halves end;
    ``loopback_bowout=false`` keeps them. With ``loopback_bowout_on_execute`` the caller runs
    what the extension holds himself, as if it began with ``unloop``.
    """

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> tuple[str, LoopbackLeg]:
        extension, _, rest = target.partition("/")
        context, _, dialplan = rest.partition("/")
        if extension.startswith("app="):
            application, _, data = target.removeprefix("app=").partition(":")
            actions = [PlannedAction(application, data)]
            extension = application
            variables["loopback_app"] = application
            if data:
                variables["loopback_app_arg"] = data
        else:
            actions = []
        near = LoopbackLeg(self._switch)
        far = LoopbackLeg(self._switch)
        near.other, far.other = far, near
        inward = profile.clone(
            destination_number=extension,
            context=context or "default",
            dialplan=dialplan or "XML",
            source="mod_loopback",
            profile_index=1,
        )
        if parent is not None:
            variables["loopback_from_uuid"] = parent.uuid
            if not parent.is_true("loopback_no_pre_answer"):
                parent.spawn(open_media(parent), "pre-answer")
        near.prepare_other(inward, f"loopback/{extension}-b", actions, variables)
        return f"loopback/{extension}-a", near


class LoopbackLeg:
    """One half; what one half is told, the other half reports.

    Each half has a stream of its own on the loopback address, so that audio flows through the
    engine like any other call's.
    """

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._media: Stream | None = None
        self.other: LoopbackLeg = self
        self.session: Session = None  # type: ignore[assignment]
        self._ended = False
        self._bowout: asyncio.TimerHandle | None = None
        self._leaving = False
        self._plan: tuple[CallerProfile, str, list[PlannedAction], dict[str, str]] | None = None

    digits_by = "app"

    @property
    def media(self) -> Stream | None:
        return self._media

    @property
    def beyond(self) -> Session | None:
        """The call that talks, or is to talk, through the pair with whoever meets this half."""
        return self._follow(lambda leg: leg._met_by_other)

    def _follow(self, step: Callable[[LoopbackLeg], Session | None]) -> Session | None:
        """The first call past this pair that is no half of another; ``step`` leads past one.

        There is none where pairs meet each other in a circle.
        """
        leg, seen = self, {self}
        while (party := step(leg)) is not None and isinstance(party.leg, LoopbackLeg):
            leg = party.leg
            if leg in seen:
                return None
            seen.add(leg)
        return party

    @property
    def _met_by_other(self) -> Session | None:
        # The half that comes in has no session before the other is invited.
        session = cast("Session | None", self.other.session)
        if session is None:
            return None
        channel = session.channel
        winner = channel.variables.get("originate_signal_bond") or channel.originatee
        uuid = winner or channel.originator
        return session.peer or (self._switch.find(uuid) if uuid else None)

    def prepare_other(
        self,
        profile: CallerProfile,
        name: str,
        actions: list[PlannedAction],
        variables: dict[str, str],
    ) -> None:
        """What the far half starts as when this one is invited."""
        self._plan = (profile, name, actions, dict(variables))

    def attach(self, session: Session) -> None:
        self.session = session

    def invite(self) -> None:
        assert self._plan is not None, "only the near half is dialled"
        profile, name, actions, variables = self._plan
        switch = self._switch
        switch.admission.check_inbound()
        channel = Channel(
            switch.new_uuid(), name, Direction.INBOUND, profile, switch.now_us(), switch.watch
        )
        for key, value in variables.items():
            if not key.startswith(_NEAR_ONLY):
                channel.variables.set(key, value)
        session = switch.new_session(channel, self.other)
        session.set("loopback_from_uuid", "")
        session.set("other_loopback_from_uuid", variables.get("loopback_from_uuid", ""))
        for name in variables.get("loopback_export", "").split(","):
            session.set(name.strip(), self.session.get(name.strip()) or "")
        for one, other, letter in ((self, self.other, "A"), (self.other, self, "B")):
            one.session.set("loopback_leg", letter)
            one.session.set("is_loopback", "1")
            one.session.set("other_loopback_leg_uuid", other.session.uuid)
            one.session.watchers.append(one._on)
        session.actions = actions
        switch.start(session)

    def ring(self, *, queued: bool = False) -> None:
        self.other.session.on_ringing()

    def pre_answer(self) -> None:
        self._open_media()
        self.other.session.on_early_media()

    def answer(self) -> None:
        self._open_media()
        self.other.session.on_answer()

    def hangup(self, cause: HangupCause) -> None:
        self._ended = True
        if self._bowout is not None:
            self._bowout.cancel()
        if self._media is not None:
            self._media.close()
            self._media = None
        other = self.other
        if other.session is not None and not other._ended:
            other.session.on_hangup(cause)

    def hold(self) -> None:
        self.other.session.on_hold(True)

    def unhold(self) -> None:
        self.other.session.on_hold(False)

    def send_digits(self, digits: str, duration_ms: int) -> None:
        for digit in digits:
            self.other.session.on_digit(digit, duration_ms, "app")

    def redirect(self, target: str) -> None:
        self.session.transfer(target)

    def respond(self, status: int, phrase: str) -> None:
        self.session.hangup(HangupCause.NORMAL_UNSPECIFIED)

    def deflect(self, target: str) -> None:
        self.other.session.transfer(target)

    def note_media(self) -> None:
        """Nothing of it is measured: its sound never was on a network."""

    def indicate(self, what: Indication) -> None:
        """Whoever talks through this pair hears it on his own leg."""
        party = self.beyond
        if party is None:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "nobody is there to be told")
        party.leg.indicate(what)

    def _on(self, session: Session, what: str) -> None:
        """Both halves may have come to talk to somebody, or an extension was found."""
        if what == "executes" and self._leaves_at_once():
            self.unfold()
        if what in ("bridged", "answer") and self._parties() is not None:
            near = self if self._plan is not None else self.other
            if near._bowout is None:
                near._bowout = self._switch.loop.call_later(BOWOUT_SECONDS, near._bow_out)

    def _leaves_at_once(self) -> bool:
        """Whether the caller shall run what the extension holds: all of it, as in FreeSWITCH."""
        if self._plan is not None:
            return False
        names = [action.application.lower() for action in self.session.actions]
        return "unloop" in names or self.session.is_true("loopback_bowout_on_execute")

    def _parties(self) -> tuple[Session, Session] | None:
        """The two real calls that talk through this pair, if both are there."""
        parties = []
        for half in (self, self.other):
            if not half.session.channel.answered:
                return None
            party = half.other._follow(lambda leg: None if leg._stays() else leg.other.session.peer)
            if party is None:
                return None
            parties.append(party)
        return parties[0], parties[1]

    def _stays(self) -> bool:
        """True if nobody may be joined past this half: it is kept, or has just been left."""
        return self._leaving or is_false(self.session.get("loopback_bowout"))

    def _bow_out(self) -> None:
        """Join the real calls and leave."""
        self._bowout = None
        parties = self._parties()
        if parties is None:
            return
        switch = self._switch
        switch.own(switch.loop.create_task(uuid_bridge(*parties), name="bowout"))
        for half, party in zip((self, self.other), parties, strict=True):
            half._leaving = True
            half.session.set("loopback_hangup_cause", "bridge")
            half.session.set("loopback_bowout_other_uuid", party.uuid)

    def unfold(self) -> None:
        """Let the real caller run what is still to run here, and leave."""
        near = self.other.session
        caller = near.peer or self._switch.find(near.channel.originator or "")
        if caller is None or not caller.channel.up:
            return
        actions, profile = self.session.actions, self.session.channel.profile
        self.session.actions = []
        self.session.set("loopback_hangup_cause", "bowout")
        self.session.set("loopback_bowout_other_uuid", caller.uuid)
        self._switch.publish(
            "CUSTOM",
            {
                "Resigning-UUID": self.session.uuid,
                "Resigning-Peer-UUID": near.uuid,
                "Acquired-UUID": caller.uuid,
            },
            subclass="loopback::bowout",
        )
        caller.reprofile(profile.clone())
        caller.run_actions(actions)
        self.session.hangup(HangupCause.NORMAL_UNSPECIFIED)

    def _open_media(self) -> None:
        """Open both halves' streams and point them at each other."""
        other = self.other
        if self._media is not None:
            return
        if self._ended or other._ended:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "the other half has ended")
        try:
            self._media = self._switch.engine.open_stream("127.0.0.1")
            other._media = self._switch.engine.open_stream("127.0.0.1")
            pair_streams(self._media, other._media)
        except OSError as error:
            raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, str(error)) from error


def pair_streams(one: Stream, other: Stream) -> None:
    """Let two streams send to each other over the loopback address, as 16-bit audio."""
    codec = CodecParameters(96, "L16", 16000, 1, 20, "")
    for stream, peer in ((one, other), (other, one)):
        stream.configure(
            RtpParameters(
                remote_address=peer.local_address,
                codecs=(codec,),
                telephone_event=101,
                telephone_event_receive=101,
            )
        )


async def open_media(caller: Session) -> None:
    """Pre-answer a caller who dials something that needs no network."""
    try:
        await caller.pre_answer()
    except CallFailed as failure:
        caller.log.warning("cannot pre-answer: %s", failure)


@application("unloop", flags=ApplicationFlag.NO_MEDIA, module="mod_loopback")
async def unloop(session: Session, data: str) -> None:
    """Hand this whole extension to the caller who dialled ``loopback/``.

    Both halves of the loopback then end; on any other call nothing happens.
    """
    if isinstance(session.leg, LoopbackLeg):
        session.leg.unfold()
