"""Fax by T.38 between two bridged legs: its datagrams pass as they are (ITU-T T.38, annex D).

A far end that hears a fax offers an image instead of audio. What it says of it is told to the other
far end, on the port that audio had; back to audio is an exchange like any other.
"""

from __future__ import annotations

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.rtp_wishes import MediaWishes
from softswitch.media.engine import Stream
from softswitch.media.parameters import RtpParameters
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.line import refusal
from softswitch.sdp.media import MediaDescription, address_family, is_group_address
from softswitch.switch.causes import CallFailed

_OURS_TO_SAY = frozenset({"sendrecv", "sendonly", "recvonly", "inactive", "rtcp", "candidate"})
"""Attributes of a line that are no parameters of the fax."""


def fax_line(description: SessionDescription | None) -> MediaDescription | None:
    """The line in use that carries T.38 over UDPTL."""
    for line in description.media if description is not None else ():
        if line.kind == "image" and line.port and line.protocol.lower() == "udptl":
            return line
    return None


def offers_fax(text: str) -> bool:
    """Whether a description wants a fax instead of audio."""
    if "udptl" not in text.lower():
        return False
    description = SessionDescription.parse(text)
    sound = any(line.kind == "audio" and line.port for line in description.media)
    return fax_line(description) is not None and not sound


class FaxExchange(MediaWishes):
    """What `RtpMedia` says and takes of fax."""

    advertised_ip: str
    faxing = False
    """Whether the far end agreed to T.38 last."""
    _before_fax: SessionDescription | None = None
    """What we had said before we offered a fax."""
    _ours: SessionDescription | None

    @property
    def passes_fax(self) -> bool:
        """Whether the call, or its profile, lets T.38 pass."""
        wish = (self._get("t38_passthru") or "").strip().lower()
        return is_true(wish) or wish == "once" if wish else self._profile.settings.t38_passthru

    def offer_fax(self, theirs: SessionDescription) -> str:
        """Offer the fax that the other far end offers; `withdraw_fax` where it is refused."""
        self._before_fax = self._ours
        return self._say(self._with_fax(theirs))

    def withdraw_fax(self) -> None:
        """Our offer of fax was refused: what was said before is in force."""
        if self._before_fax is not None:
            self._say(self._before_fax)

    def answer_fax(self, offered: str, theirs: SessionDescription) -> str:
        """Answer our far end's fax as the other far end answered it."""
        asked = self._read(offered)
        said, line = self._with_fax(theirs), fax_line(asked)
        ours = fax_line(said)
        assert ours is not None, "it was accepted"
        said.media = [ours if item is line else refusal(item) for item in asked.media]
        text = self._say(said)
        self._begin_fax(asked)
        return text

    def take_fax(self, answered: str) -> bool:
        """Our far end's answer to our offer of fax; False where it takes none."""
        try:
            return self._begin_fax(self._read(answered))
        except CallFailed:
            return False

    def _begin_fax(self, theirs: SessionDescription) -> bool:
        """Send fax where our far end says; False where it says nothing usable."""
        line = fax_line(theirs)
        connection = theirs.connection_of(line) if line is not None else None
        if line is None or connection is None or is_group_address(connection.address):
            return False
        if address_family(connection.address) != address_family(self.advertised_ip):
            return False
        self.faxing = True
        self._open().configure(
            RtpParameters(
                remote_address=(connection.address, line.port),
                codecs=(),
                symmetric=self._is_symmetric(),
                rtcp_interval_ms=0,
                transparent=True,
            )
        )
        return True

    def _with_fax(self, theirs: SessionDescription) -> SessionDescription:
        """Our last description with the other far end's fax in the place of audio."""
        line, previous = fax_line(theirs), self._ours
        assert line is not None and previous is not None, "a fax is passed on within a call"
        said = SessionDescription.parse(str(previous))
        known = next((item for item in said.media if item.kind == "image"), None)
        said.media = [self._fax(line) if item is known else refusal(item) for item in said.media]
        if known is None:
            said.media.append(self._fax(line))
        if said.origin is not None:
            said.origin.version += 1
        return said

    def _fax(self, theirs: MediaDescription) -> MediaDescription:
        """The other far end's line as ours is told it: parameters unchanged, the port ours."""
        return MediaDescription(
            "image",
            self._open().local_address[1],
            theirs.protocol,
            theirs.formats,
            bandwidth=list(theirs.bandwidth),
            attributes=[item for item in theirs.attributes if item[0] not in _OURS_TO_SAY],
        )

    def _open(self) -> Stream:
        raise NotImplementedError

    def _say(self, description: SessionDescription) -> str:
        raise NotImplementedError

    def _read(self, text: str) -> SessionDescription:
        raise NotImplementedError
