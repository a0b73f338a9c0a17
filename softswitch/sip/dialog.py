"""A dialog: two tags, two CSeq spaces, a route set and a remote target (RFC 3261 §12)."""

from __future__ import annotations

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.memo import Memo
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.routing import Hop
from softswitch.sip.uri import ADDRESSES, NameAddr

DialogKey = tuple[str, str, str]
"""Call-ID, local tag, remote tag."""

_KEPT: dict[str, type] = {
    "call_id": str,
    "local_tag": str,
    "remote_tag": str,
    "local_party": str,
    "remote_party": str,
    "remote_target": str,
    "route_set": list,
    "local_cseq": int,
    "remote_cseq": int,
}
"""What a dialog is made of, and of what kind each is."""


class Dialog:
    """What two user agents must remember to send each other requests.

    The parties are kept as the text of their headers, tags included, so that they go out as they
    came in.
    """

    __slots__ = (
        "_hop",
        "call_id",
        "local_cseq",
        "local_party",
        "local_tag",
        "remote_cseq",
        "remote_party",
        "remote_tag",
        "remote_target",
        "route_set",
    )

    def __init__(
        self,
        *,
        call_id: str,
        local_tag: str,
        remote_tag: str,
        local_party: str,
        remote_party: str,
        remote_target: str,
        route_set: list[str],
        local_cseq: int = 0,
        remote_cseq: int = 0,
    ) -> None:
        self.call_id = call_id
        self.local_tag = local_tag
        self.remote_tag = remote_tag
        self.local_party = local_party
        self.remote_party = remote_party
        self.remote_target = remote_target
        self.route_set = route_set
        self.local_cseq = local_cseq
        self.remote_cseq = remote_cseq
        self._hop: Hop | None = None

    @classmethod
    def of_callee(cls, request: Request, local_tag: str) -> Dialog:
        """The dialog that answering ``request`` with ``local_tag`` makes (§12.1.1).

        Raises RemoteProtocolError if the request cannot make one.
        """
        headers = request.headers
        contact = request.contact
        remote = request.from_
        return cls(
            call_id=request.call_id,
            local_tag=local_tag,
            remote_tag=request.from_tag,
            local_party=f"{headers.first.get('To')};tag={local_tag}",
            remote_party=headers.first.get("From") or "",
            # RFC 2543 callers may leave the Contact out.
            remote_target=str((contact or remote).uri),
            route_set=headers.values("Record-Route"),
            remote_cseq=request.cseq.number,
        )

    @classmethod
    def of_caller(cls, request: Request, response: Response) -> Dialog:
        """The dialog that ``response`` to our ``request`` makes (§12.1.2)."""
        dialog = cls(
            call_id=request.call_id,
            local_tag=request.from_tag,
            remote_tag=response.to_tag,
            local_party=request.headers.first.get("From") or "",
            remote_party=response.headers.first.get("To") or "",
            remote_target=request.uri,
            route_set=[],
            local_cseq=request.cseq.number,
        )
        dialog.learn_route(response)
        return dialog

    def snapshot(self) -> dict[str, object]:
        """The dialog as JSON can hold it."""
        return {name: getattr(self, name) for name in _KEPT}

    @classmethod
    def restore(cls, known: dict[str, object]) -> Dialog:
        """The dialog that `snapshot` told of.

        Raises KeyError, TypeError or ValueError where that is not what it was.
        """
        for name, kind in _KEPT.items():
            if not isinstance(known[name], kind):
                raise TypeError(f"{name} of a dialog is no {known[name]!r}")
        return cls(**{name: known[name] for name in _KEPT})  # type: ignore[arg-type]

    @property
    def key(self) -> DialogKey:
        return (self.call_id, self.local_tag, self.remote_tag)

    def learn_route(self, response: Response) -> None:
        """Take route set and target from a response to the request that made the dialog.

        The route set of a 2xx replaces the one of earlier provisional responses (§13.2.2.4).
        """
        try:
            self.route_set = response.headers.values("Record-Route")[::-1]
        except RemoteProtocolError:
            # What it answers must be acknowledged all the same.
            self.route_set = []
        self._hop = None
        self.refresh_target(response)

    def refresh_target(self, message: Request | Response) -> None:
        """Take the peer's new Contact from a target refresh (§12.2); a bad one is ignored."""
        try:
            contact = message.contact
        except RemoteProtocolError:
            return
        if contact is not None:
            target = str(contact.uri)
            if target != self.remote_target:
                self.remote_target = target
                self._hop = None

    def accepts(self, cseq: int) -> bool:
        """Whether a request with this number is in order; remembers it if so (§12.2.2)."""
        if cseq < self.remote_cseq:
            return False
        self.remote_cseq = cseq
        return True

    def next_cseq(self) -> int:
        """The number of our next request."""
        self.local_cseq += 1
        return self.local_cseq

    @property
    def hop(self) -> Hop | None:
        """Where requests go next; None if the peer gave a target that names no SIP element."""
        if self._hop is None:
            try:
                first = self.route_set[0] if self.route_set else f"<{self.remote_target}>"
                self._hop = _HOPS[first]
            except RemoteProtocolError:
                return None
        return self._hop

    def build_request(self, method: str, cseq: int | None = None) -> Request:
        """A request within the dialog, complete but for its Via (§12.2.1.1).

        ``cseq`` is given for ACK alone, which repeats the number of its INVITE; all others count.
        """
        if cseq is None:
            cseq = self.next_cseq()
        uri = self.remote_target
        routes = self.route_set
        if routes and not _is_loose(routes[0]):
            # A strict router wants itself in the Request-URI and the target at the end.
            uri = str(NameAddr.parse(routes[0]).uri)
            routes = [*routes[1:], f"<{self.remote_target}>"]
        pairs = [
            ("Max-Forwards", "70"),
            *[("Route", route) for route in routes],
            ("From", self.local_party),
            ("To", self.remote_party),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        return Request(method, uri, Headers.of_canonical(pairs))

    def __repr__(self) -> str:
        return f"<Dialog {self.call_id} {self.local_tag}↔{self.remote_tag} {self.remote_target}>"


_HOPS = Memo(lambda text: Hop.of(ADDRESSES[text].uri))
"""Next hops by the address that names them: many dialogs lead to one."""


def _is_loose(route: str) -> bool:
    try:
        return "lr" in ADDRESSES[route].uri.parameters
    except RemoteProtocolError:
        return True
