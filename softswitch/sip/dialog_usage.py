"""What uses a dialog: requests of ours within it, their way, and their challenges (RFC 5057)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.sip.auth import CHALLENGES, is_stale
from softswitch.sip.dialog import Dialog
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.transaction import NonInviteClientUser

if TYPE_CHECKING:
    from softswitch.sip.invite_server import InviteServer
    from softswitch.sip.stack import Stack

_MOST_STALE = 8
"""A peer that finds more nonces of its own too old during one usage is not answered any more."""

Authorizer = Callable[[Request, Response], "tuple[str, str] | None"]
"""Answers a challenge: the request and its 401 or 407 to the header to repeat it with, or None."""


class DialogUsage:
    """A call or a subscription, as far as both are users of a dialog."""

    __slots__ = (
        "__weakref__",
        "_stale",
        "authorizer",
        "contact",
        "dialog",
        "flow",
        "local_tag",
        "stack",
        "symmetric",
        "user",
    )

    def __init__(self, stack: Stack, flow: Flow, local_tag: str) -> None:
        self.stack = stack
        self.flow = flow
        """The way to the peer; changes as the peer moves."""
        self.local_tag = local_tag
        self.dialog: Dialog | None = None
        self.user: object = None
        """Free for the owner, e.g. its leg."""
        self.contact = ""
        """Our Contact header; made from the flow where the owner sets none."""
        self.symmetric = False
        """Send to where the peer sends from, not to its Contact: it is behind a NAT."""
        self.authorizer: Authorizer | None = None
        """Answers challenges to our requests; without one they are told as refusals."""
        self._stale = 0
        """How often credentials were refused only for the age of their nonce."""

    # From the stack

    def handle_request(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        """A request in our dialog, in order."""
        raise NotImplementedError

    def handle_reinvite(self, transaction: InviteServer, request: Request, now: float) -> None:
        """A re-INVITE in our dialog, in order."""
        raise NotImplementedError

    def handle_ack(self, request: Request, now: float) -> None:
        """The ACK of a 2xx in our dialog."""
        raise NotImplementedError

    # For the parts of a usage

    def established(self) -> Dialog:
        """The dialog; raises LocalProtocolError before there is one."""
        if self.dialog is None:
            raise LocalProtocolError("the call has no dialog yet")
        return self.dialog

    def contact_header(self) -> str:
        """Our Contact."""
        if not self.contact:
            self.contact = self.stack.contact(self.flow)
        return self.contact

    def build_request(
        self,
        method: str,
        headers: ExtraHeaders = (),
        body: bytes = b"",
        *,
        dialog: Dialog | None = None,
        cseq: int | None = None,
    ) -> Request:
        """A request within the dialog, complete but for its Via."""
        request = (dialog or self.established()).build_request(method, cseq)
        request.headers.update(headers)
        request.body = body
        return request

    def send_request(
        self,
        request: Request,
        handler: NonInviteClientUser,
        now: float,
        *,
        dialog: Dialog | None = None,
    ) -> NonInviteClient:
        """Send a request made by ``build_request``."""
        flow = self.next_flow(dialog or self.established())
        return self.stack.start_request(request, flow, handler, now)

    def repeat_authorized(
        self,
        transaction: NonInviteClient,
        response: Response,
        handler: NonInviteClientUser,
        now: float,
    ) -> NonInviteClient | None:
        """Answer a challenge to a request in the dialog, once."""
        credentials = self.credentials(transaction.request, response)
        if credentials is None or self.dialog is None:
            return None
        request = self.stack.renewed(transaction.request, self.dialog.next_cseq())
        request.headers.set(*credentials)
        repeated = self.stack.start_request(request, transaction.flow, handler, now)
        repeated.user = transaction.user
        return repeated

    def credentials(self, request: Request, response: Response) -> tuple[str, str] | None:
        """What the authorizer answers to a challenge; None unless there is one to answer."""
        if response.status not in CHALLENGES or self.authorizer is None:
            return None
        credentials = self.authorizer(request, response)
        if credentials is None or request.headers.get(credentials[0]) is None:
            return credentials
        if self._stale < _MOST_STALE and is_stale(response):
            self._stale += 1
            return credentials
        # Credentials that were refused once are not better the second time.
        return None

    def next_flow(self, dialog: Dialog) -> Flow:
        """The way of the next request: by route set or target, or back to a NAT (RFC 5626 §1)."""
        flow = self.flow
        if self.symmetric and not dialog.route_set:
            return flow
        hop = dialog.hop
        if hop is None or not hop.is_literal:
            return flow
        return flow.towards(hop.host, hop.port, hop.transport)
