"""Media that goes past the switch, or through it unread (``bypass_media``, ``proxy_media``).

Each far end is told the other's description; with ``proxy_media`` addresses of ours are in it.
While a leg is *around* it has no stream of audio. What its far end offers is handed on to the other
leg, what the other far end said is its answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.rtp import RtpMedia
from softswitch.endpoints.rtp_proxy import ProxiedLines
from softswitch.endpoints.rtp_video import video_line
from softswitch.endpoints.rtp_wishes import MediaProfile, MediaRefused
from softswitch.media.engine import MediaEngine, Stream
from softswitch.sdp.description import SdpError, SessionDescription
from softswitch.sdp.media import Direction
from softswitch.switch.causes import CallFailed

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_DIRECTIONS = frozenset(direction.value for direction in Direction)


class BypassableMedia(RtpMedia):
    """The media of a leg whose far end can be told to talk to another far end directly."""

    def __init__(self, engine: MediaEngine, profile: MediaProfile) -> None:
        super().__init__(engine, profile)
        self.around = False
        """True while media goes past the switch, or is about to."""
        self.remote = ""
        """What the far end said last."""
        self._settled_around = False
        self._partner: BypassableMedia | None = None
        self._lines: ProxiedLines | None = None
        """Our ports where media passes unread instead of going past the switch."""

    @property
    def negotiated(self) -> bool:
        return self._settled_around if self.around else super().negotiated

    @property
    def held_by_remote(self) -> bool:
        if not self.around:
            return super().held_by_remote
        return self.remote != "" and not _direction(self.remote).receives

    @property
    def bypassed(self) -> bool:
        """True while both far ends send their media to each other, and none through us."""
        return self.around and self._lines is None and self._partner is not None

    # The first exchange

    def make_offer(self, session: Session) -> str:
        """Our first offer; the caller's own where its media shall go past the switch."""
        caller = _media_of(session, session.channel.originator)
        if caller is None or not caller.remote or caller.negotiated:
            return super().make_offer(session)
        parent = session.switch.find(session.channel.originator or "")
        wishes = [session, parent] if parent is not None else [session]
        around = any(is_true(call.get("bypass_media")) for call in wishes)
        proxied = not around and any(is_true(call.get("proxy_media")) for call in wishes)
        if not around and not proxied:
            return super().make_offer(session)
        self.around, self._partner = True, caller
        if proxied:
            self._lines = ProxiedLines(self._engine, self._profile.rtp_ip)
        return self._tell(self._hidden(caller.remote))

    def accept_answer(self, text: str) -> None:
        if not self.around:
            super().accept_answer(text)
            return
        self._read(text)
        self._settled_around = True
        self._follow()

    def check_offer(self) -> None:
        """What passes the switch by need not fit it."""
        wishes = ("bypass_media", "proxy_media")
        if not any(is_true(self._get(name)) for name in wishes):
            super().check_offer()

    def make_answer(self, session: Session) -> str:
        """Our answer; that of the leg we rang where media goes past the switch."""
        if self._ours is None and not self.around:
            winner = session.channel.variables.get("originate_signal_bond")
            called = _media_of(session, winner or session.channel.originatee)
            if called is not None and called.around and called.remote:
                self.around, self._partner, called._partner = True, called, self
                self._settled_around = True
                if called._lines is not None:
                    self._lines = ProxiedLines(self._engine, self._profile.rtp_ip)
                text = self._tell(self._hidden(called.remote))
                self._follow()
                if self._lines is not None and called._lines is not None:
                    self._lines.connect(called._lines)
                return text
        return self.offer if self.around else super().make_answer(session)

    # Later exchanges

    def answer_reoffer(self, text: str) -> str:
        """Answer an offer within the call; what it says is told to the other far end."""
        if not self.around:
            return super().answer_reoffer(text)
        self._read(text)
        partner = self._partner
        if partner is None or not partner.remote:
            raise MediaRefused("nobody is there whose media could be offered")
        offered = partner._hidden(text)
        if partner.pass_on is not None:
            partner.pass_on(partner._tell(offered))
        # The other far end answers later: until it says otherwise it agrees.
        known = partner.remote if _lines_of(partner.remote) == _lines_of(text) else text
        mirrored = _DIRECTION_ANSWERS[_direction(text)]
        said = self._tell(self._hidden(_with_direction(known, mirrored)))
        self._follow()
        if self._lines is not None and partner._lines is not None:
            self._lines.connect(partner._lines)
        return said

    def answer_here(self, text: str) -> str:
        """Answer an offer within a bypassed call with the switch's own media, on both its legs.

        Raises CallFailed, and media goes on past the switch, where that cannot be.
        """
        partner = self._partner
        assert partner is not None, "only what is bypassed comes back"
        ours, said = self._ours, self._text
        try:
            streams = self._return(), partner._return()
            answered = super().answer_reoffer(text)
        except CallFailed:
            self._leave(partner)
            partner._leave(self)
            self._ours, self._text = ours, said
            raise
        if partner.pass_on is not None:
            partner.pass_on(partner.reoffer())
        streams[0].connect(streams[1])
        return answered

    def reoffer(self, *, held: bool | None = None) -> str:
        if not self.around or self._partner is None:
            return super().reoffer(held=held)
        if held is not None:
            self._held_by_us = held
        direction = Direction.SENDONLY if self._held_by_us else Direction.SENDRECV
        return self._tell(self._hidden(_with_direction(self._partner.remote, direction)))

    # Leaving the switch and coming back

    def go_around(self, partner: BypassableMedia) -> str:
        """Give the stream up; what to offer so that media goes to the partner's far end."""
        self._leave(partner)
        return self._tell(partner.remote)

    def come_back(self) -> str:
        """What to offer so that media comes to the switch again."""
        self._return()
        return super().reoffer()

    def _leave(self, partner: BypassableMedia) -> None:
        self._release()
        self.around, self._partner, self._settled_around = True, partner, True
        self.audio = None

    def _return(self) -> Stream:
        """Have a stream of our own again. Raises CallFailed where there is no port."""
        self.around, self._partner, self._settled_around = False, None, False
        self.video.wish = video_line(self._ours) is not None
        if self._lines is not None:
            self._lines.close()
            self._lines = None
        return self._open()

    def close(self) -> None:
        # A leg and its media know each other: parted, both are freed at once.
        self._partner = None
        if self._lines is not None:
            self._lines.close()
            self._lines = None
        super().close()

    def _hidden(self, text: str) -> str:
        """Another far end's description as ours is told it."""
        if self._lines is None:
            return text
        return self._lines.rewrite(text, self.advertised_ip)

    def _follow(self) -> None:
        """Send unread media where our far end says it is."""
        if self._lines is None or not self.remote:
            return
        timeout = self._timeout_ms(held=self.held_by_remote)
        self._lines.follow(self.remote, symmetric=self._is_symmetric(), timeout_ms=timeout)
        for stream in self._lines.streams.values():
            stream.on_event = self._on_event

    def _release(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.on_event = None
            stream.close()
        self.video.close()

    def _tell(self, text: str) -> str:
        """Take a description for our own; later ones of ours continue it."""
        self._ours, self._text = SessionDescription.parse(text), text
        if self._session is not None:
            for name in ("rtp_local_sdp_str", "switch_l_sdp"):
                self._session.set(name, text)
        return text

    def _read(self, text: str) -> SessionDescription:
        description = super()._read(text)
        self.remote = text
        return description


def _media_of(session: Session, uuid: str | None) -> BypassableMedia | None:
    """The media of another call, if that could go past the switch."""
    other = session.switch.find(uuid) if uuid else None
    media = getattr(other.leg, "rtp", None) if other is not None else None
    return media if isinstance(media, BypassableMedia) else None


_DIRECTION_ANSWERS = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}
"""What answers an offer of that direction (RFC 3264 §6.1)."""


def holds(text: str) -> bool:
    """Whether a far end that says so holds its partner; False for what cannot be read."""
    try:
        return not _direction(text).receives
    except SdpError:
        return False


def _lines_of(text: str) -> list[tuple[str, bool]]:
    """What the media lines of a description are, and which of them are in use."""
    if not text:
        return []
    return [(line.kind, line.port != 0) for line in SessionDescription.parse(text).media]


def _direction(text: str) -> Direction:
    """The direction of a description's first audio line."""
    if not text:
        return Direction.SENDRECV
    description = SessionDescription.parse(text)
    for line in description.media:
        if line.kind == "audio":
            connection = description.connection_of(line)
            if connection is not None and connection.held:
                return Direction.SENDONLY
            return description.direction_of(line)
    return Direction.SENDRECV


def _with_direction(text: str, direction: Direction) -> str:
    """A description whose lines have that direction; others stay as they are."""
    if _direction(text) is direction:
        return text
    description = SessionDescription.parse(text)
    for attributes in (description.attributes, *[line.attributes for line in description.media]):
        attributes[:] = [item for item in attributes if item[0] not in _DIRECTIONS]
    for line in description.media:
        line.attributes.append((direction.value, None))
    if description.origin is not None:
        description.origin.version += 1
    return str(description)
