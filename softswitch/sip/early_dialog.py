"""One branch of a call of ours before its answer: dialog, descriptions, PRACKs (RFC 3262 §4)."""

from __future__ import annotations

from softswitch.sip.dialog import Dialog
from softswitch.sip.message import Response
from softswitch.sip.offer_answer import OfferAnswer, OfferState


class EarlyDialog:
    """What one callee of a forked call has told so far."""

    __slots__ = ("_rseq", "dialog", "due", "offers")

    def __init__(self, dialog: Dialog, offer: str) -> None:
        """``offer`` is what the INVITE offered, if anything."""
        self.dialog = dialog
        self.offers = OfferAnswer()
        if offer:
            self.offers.send(offer)
        self.due = ""
        """The RAck of a PRACK that waits for our answer to the callee's offer."""
        self._rseq: int | None = None

    @property
    def answered(self) -> bool:
        """Whether offer and answer were exchanged: a 2xx has nothing to add."""
        return self.offers.state is OfferState.STABLE and bool(self.offers.remote)

    def take(self, response: Response) -> str | None:
        """The RAck that acknowledges a reliable response; None for one out of order, or repeated.

        Its description is taken note of: an answer to our offer, or an offer to be answered.
        """
        number = reliable_number(response)
        if number is None or (self._rseq is not None and number != self._rseq + 1):
            return None
        self._rseq = number
        if response.body and not self.answered:
            self.offers.receive(response.body.decode("utf-8", "replace"))
        return f"{number} {response.cseq}"

    def __repr__(self) -> str:
        return f"<EarlyDialog {self.dialog!r} {self.offers!r}>"


def reliable_number(response: Response) -> int | None:
    """The RSeq of a response that wants a PRACK; None for any other."""
    if "RSeq" not in response.headers.first:
        return None
    text = response.headers.required("RSeq").strip()
    if not (100 < response.status < 200 and response.names_option("Require", "100rel")):
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or not 0 < int(text) < 1 << 31:
        return None
    return int(text)
