"""The SIP stack: bytes and time in, bytes and events out; owner of all machines and timers.

It matches messages to transactions (RFC 3261 §17.1.3, §17.2.3) and dialogs (§12.2.2), and answers
by itself what no user need decide (§8.2).
"""

from __future__ import annotations

import logging
import zlib
from typing import Unpack

from softswitch.sip.dialog import Dialog
from softswitch.sip.dialog_table import DialogTable
from softswitch.sip.errors import LocalProtocolError, RemoteProtocolError
from softswitch.sip.events import (
    InviteReceived,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders, IdentityArguments
from softswitch.sip.invite_server import InviteServer
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request, Response
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.parser import parse_message
from softswitch.sip.screening import Refusal, mark_source, response_flow, screen, server_key
from softswitch.sip.session_timer import SessionInterval, too_short
from softswitch.sip.timers import Timers
from softswitch.sip.transaction import (
    FailureReason,
    ServerTransaction,
    TransactionKey,
    TransactionState,
)
from softswitch.sip.usage_client import ClientUsage
from softswitch.sip.usage_server import ServerUsage

logger = logging.getLogger(__name__)

_MOST_NAMED = 100
"""Hosts whose malformed messages are logged: addresses are invented as easily as messages."""


class Stack(DialogTable):
    """One SIP element. After each call drain ``transmits`` and ``events``; mind ``next_timeout``.

    ``token`` makes tags, branches and Call-IDs: unguessable, at least 8 characters of [0-9a-z].
    Nothing from the network raises anything from here.
    """

    __slots__ = ("_named", "force_rport", "malformed", "stray")

    def __init__(
        self,
        *,
        timers: Timers | None = None,
        session_interval: SessionInterval | None = None,
        **named: Unpack[IdentityArguments],
    ) -> None:
        super().__init__(timers=timers, session_interval=session_interval, **named)
        self.force_rport = False
        """Whether responses go back to the source even where the client does not ask for that."""
        self.malformed = 0
        """How many messages could not be understood."""
        self._named: set[str] = set()
        self.stray = 0
        """How many responses and ACKs matched nothing."""

    # In: from the network and the clock

    def receive(self, data: bytes, flow: Flow, now: float) -> None:
        """A datagram came on ``flow``."""
        if len(data) < 16 and not data.strip(b"\r\n\0 "):
            return  # keep-alives of NAT bindings (RFC 5626 §3.5.1)
        try:
            message = parse_message(data)
        except RemoteProtocolError as error:
            self.receive_error(error, flow, now)
        else:
            self.receive_message(message, flow, now)

    def receive_message(self, message: Request | Response, flow: Flow, now: float) -> None:
        """A message that was cut from a stream came on ``flow``."""
        if isinstance(message, Response):
            try:
                self._receive_response(message, now)
            except RemoteProtocolError as error:
                self._count_malformed(error, flow)
            return
        try:
            self._receive_request(message, flow, now)
        except RemoteProtocolError as error:
            self._count_malformed(error, flow)
            self._refuse(message, Refusal(error.status, error.reason), flow)

    def receive_error(self, error: RemoteProtocolError, flow: Flow, now: float) -> None:
        """Something malformed came; a request is answered if its Via could be read."""
        self._count_malformed(error, flow)
        if error.partial is not None:
            mark_source(error.partial, flow)
            self._refuse(error.partial, Refusal(error.status, error.reason), flow)

    def _count_malformed(self, error: RemoteProtocolError, flow: Flow) -> None:
        self.malformed += 1
        host = flow.remote[0]
        if host not in self._named and len(self._named) < _MOST_NAMED:
            self._named.add(host)
            logger.warning(
                "malformed message from %s: %s; further ones are only counted", host, error.reason
            )

    def transport_failed(self, flow: Flow, now: float) -> None:
        """Nothing can be sent on ``flow``: requests that wait for an answer there have failed."""
        failed = [each for each in self._clients.values() if each.flow == flow]
        for transaction in failed:
            transaction.handle_transport_failure(now)
        if flow.serial:
            for usage in {*self.usages, *(usage for usage, _ in self._dialogs.values())}:
                if usage.flow == flow:
                    # The next request opens a connection to where the peer says it listens.
                    usage.flow = flow._replace(serial=0)

    def handle_timeout(self, now: float) -> None:
        """Time has passed: let the timers due at ``now`` fire."""
        self.timers.fire(now)

    # In: from the user

    def request(self, request: Request, flow: Flow, now: float) -> NonInviteClient:
        """Send a request outside any dialog; told by ``ResponseReceived``, ``TransactionFailed``.

        Raises LocalProtocolError for INVITE and ACK.
        """
        if request.method in ("INVITE", "ACK"):
            raise LocalProtocolError(f"{request.method} is not sent by request()")
        return self.start_request(request, flow, self, now)

    def respond(self, transaction: NonInviteServer, response: Response, now: float) -> None:
        """Send a response the user has built; after a final one this does nothing."""
        transaction.respond(response, now)

    def reply(
        self,
        transaction: NonInviteServer,
        status: int,
        reason: str | None = None,
        *,
        headers: ExtraHeaders = (),
        body: bytes = b"",
        now: float,
    ) -> None:
        """Answer a request of ``RequestReceived``; after a final response this does nothing."""
        request = transaction.request
        if request is None:
            return
        response = self.response(request, status, reason, to_tag=transaction.local_tag)
        response.headers.update(headers)
        response.body = body
        transaction.respond(response, now)

    def invite(
        self,
        request: Request,
        flow: Flow,
        now: float,
        session_interval: SessionInterval | None = None,
        patience: float = 0.0,
    ) -> ClientUsage:
        """Call. The body, if any, is our offer; a missing Contact is added.

        ``session_interval`` is what this call alone wants of session timers, ``patience`` how many
        seconds a peer may say nothing at all (0: 64*T1).

        Raises LocalProtocolError for another method.
        """
        if request.method != "INVITE":
            raise LocalProtocolError(f"{request.method} does not begin a call")
        usage = ClientUsage(self, request, flow)
        usage.patience = patience
        if session_interval is not None:
            usage.session_timer.wish = session_interval
        headers = request.headers
        if "Contact" not in headers.first:
            headers.add("Contact", usage.contact_header())
        if "Allow" not in headers.first:
            headers.add("Allow", self.allow)
        self.add_supported(headers)
        headers.update(usage.session_timer.request_headers())
        self.remember_usage(usage)
        usage.start(now)
        return usage

    # Out

    def counts(self) -> dict[str, int]:
        """How much of each kind is alive; all zero when every call has ended."""
        return {
            "client transactions": len(self._clients),
            "server transactions": len(self._servers),
            "merge keys": len(self._merged),
            "dialogs": len(self._dialogs),
            "usages": len(self.usages),
            "subscriptions": len(self.subscriptions),
            "subscribers": len(self.subscribers),
            "timers": len(self.timers),
        }

    @property
    def busy(self) -> bool:
        """Whether a call is up or a request of ours has no final response yet."""
        return bool(self.usages) or any(each.waiting for each in self._clients.values())

    def __repr__(self) -> str:
        alive = ", ".join(f"{count} {kind}" for kind, count in self.counts().items())
        return f"<Stack {self.user_agent}: {alive}>"

    # Messages received

    def _receive_response(self, response: Response, now: float) -> None:
        transaction = self._clients.get(
            (response.top_via.parameters.get("branch"), response.cseq.method)
        )
        if transaction is None:
            self.stray += 1
        else:
            transaction.handle_response(response, now)

    def _receive_request(self, request: Request, flow: Flow, now: float) -> None:
        method = request.method
        if method != "ACK":
            # What is never answered needs no mark.
            mark_source(request, flow)
        key = server_key(request, method)
        transaction = self._servers.get(key)
        if transaction is not None:
            transaction.handle_request(request, now)
            if method != "ACK" or transaction.state is not TransactionState.ACCEPTED:
                return
        if method == "ACK":
            self._receive_ack(request, now)
            return
        if method == "CANCEL":
            self._receive_cancel(key, request, flow, now)
            return
        refusal = screen(request, self._methods, self._supported)
        if refusal is not None:
            self._refuse(request, refusal, flow)
            return
        # A REGISTER is of no dialog, whatever tag a client left in its To.
        if request.to_tag and method != "REGISTER":
            self._receive_in_dialog(key, request, flow, now)
        else:
            self._receive_outside(key, request, flow, now)

    def _receive_ack(self, request: Request, now: float) -> None:
        found = self._dialogs.get(self._dialog_key(request))
        if found is None:
            self.stray += 1
        else:
            found[0].handle_ack(request, now)

    def _receive_cancel(
        self, key: TransactionKey, request: Request, flow: Flow, now: float
    ) -> None:
        invite = self._servers.get(server_key(request, "INVITE"))
        if not isinstance(invite, InviteServer):
            self._refuse(request, Refusal(481), flow)
            return
        user = invite.user
        tag = user.local_tag if isinstance(user, InviteUsage) else self._token()
        self.reply(self._start_server(key, request, flow, now, tag), 200, now=now)
        if user is not None:
            user.handle_cancel(invite, request, now)

    def _receive_in_dialog(
        self, key: TransactionKey, request: Request, flow: Flow, now: float
    ) -> None:
        found = self._dialogs.get(self._dialog_key(request))
        if found is None and request.method == "NOTIFY":
            subscriber = self.subscribers.get((request.call_id, request.to_tag))
            found = None if subscriber is None else (subscriber, subscriber.adopt(request))
        if found is None:
            self._refuse(request, Refusal(481), flow)
            return
        usage, dialog = found
        if not dialog.accepts(request.cseq.number):
            self._refuse(request, Refusal(500, "CSeq out of order"), flow)
            return
        if request.method in ("INVITE", "UPDATE"):
            refusal = too_short(request, self.session_interval)
            if refusal is not None:
                self._refuse(request, refusal, flow)
                return
        if usage.symmetric:
            usage.flow = flow
        if request.method == "INVITE":
            invite = self._start_invite_server(key, request, flow, now)
            usage.handle_reinvite(invite, request, now)
        else:
            server = self._start_server(key, request, flow, now, usage.local_tag)
            usage.handle_request(server, request, now)

    def _receive_outside(
        self, key: TransactionKey, request: Request, flow: Flow, now: float
    ) -> None:
        method = request.method
        if method in ("BYE", "UPDATE", "INFO", "PRACK"):
            self._refuse(request, Refusal(481), flow)
            return
        merge_key = (request.call_id, request.from_tag, request.cseq.number, method)
        if merge_key in self._merged:
            # §8.2.2.2: the same request by another way; answering both would make two calls.
            self._refuse(request, Refusal(482), flow)
            return
        server: ServerTransaction
        refusal = too_short(request, self.session_interval) if method == "INVITE" else None
        if refusal is not None:
            self._refuse(request, refusal, flow)
            return
        if method == "INVITE":
            local_tag = self._token()
            dialog = Dialog.of_callee(request, local_tag)
            server = invite = self._start_invite_server(key, request, flow, now)
            usage = ServerUsage(self, request, invite, dialog, flow)
            self.remember_usage(usage)
            self.remember_dialog(dialog, usage)
            usage.start(now)
            self._events.append(InviteReceived(usage, request))
        else:
            server = other = self._start_server(key, request, flow, now, self._token())
            self._events.append(RequestReceived(other, request, None))
        server.merge_key = merge_key
        self._merged[merge_key] = server

    def _start_invite_server(
        self, key: TransactionKey, request: Request, flow: Flow, now: float
    ) -> InviteServer:
        transaction = InviteServer(self, key, self._way_back(request, flow))
        self._servers[key] = transaction
        transaction.respond(self.response(request, 100), now)
        return transaction

    def _start_server(
        self, key: TransactionKey, request: Request, flow: Flow, now: float, local_tag: str
    ) -> NonInviteServer:
        back = self._way_back(request, flow)
        transaction = NonInviteServer(self, key, request, back, now, local_tag)
        self._servers[key] = transaction
        return transaction

    def _refuse(self, request: Request, refusal: Refusal, flow: Flow) -> None:
        """Answer without keeping anything, the same way each time (§8.2.7)."""
        if request.method == "ACK":
            return
        headers = request.headers
        seed = f"{headers.get('Via')}{headers.get('Call-ID')}{headers.get('CSeq')}"
        to_tag = f"{zlib.crc32(seed.encode('utf-8', 'replace')):08x}"
        response = self.response(request, refusal.status, refusal.reason, to_tag=to_tag)
        for name, value in refusal.headers:
            response.headers.add(name, value)
        if refusal.status in (405, 501):
            response.headers.add("Allow", self.allow)
        self.send(response.encode(), self._way_back(request, flow))

    def _way_back(self, request: Request, flow: Flow) -> Flow:
        return flow if self.force_rport else response_flow(request, flow)

    # Responses to requests made by request()

    def handle_response(self, transaction: NonInviteClient, response: Response, now: float) -> None:
        self._events.append(ResponseReceived(transaction, response, response.status >= 200))

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None:
        self._events.append(TransactionFailed(transaction, reason))
