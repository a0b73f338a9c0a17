"""The registrar role of a profile: REGISTER in, bindings kept (RFC 3261 §10.3, RFC 3327)."""

from __future__ import annotations

import logging
from email.utils import formatdate
from typing import TYPE_CHECKING

from softswitch.endpoints.sip.authentication import Verdict, authenticate
from softswitch.endpoints.sip.location import Binding
from softswitch.endpoints.sip.reach import contact_text, path_of, status_text
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import RequestReceived
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request
from softswitch.sip.uri import NameAddr

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.non_invite_server import NonInviteServer

log = logging.getLogger(__name__)

DEFAULT_EXPIRES = 3600
"""Seconds, where the phone names none."""
MOST_CONTACTS = 20
"""Contacts of one user at once, so that a faulty phone cannot fill the memory."""


class Registrar:
    """Answers the REGISTERs of one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def handle(self, transaction: NonInviteServer, request: Request, flow: Flow) -> None:
        """Authenticate the request, change the bindings and answer."""
        profile = self._profile
        settings = profile.settings
        if settings.disable_register:
            profile.respond(transaction, request, 403)
            return
        try:
            user, realm = request.to.uri.user or "", self._realm(request)
            contacts = self._contacts(request)
            path = path_of(request.headers.values("Path"), flow.remote[0])
        except RemoteProtocolError as error:
            profile.respond(transaction, request, error.status, error.reason)
            return
        if settings.apply_register_acl and not profile.allowed(settings.apply_register_acl, flow):
            log.warning("REGISTER of %s@%s refused by ACL: %s", user, realm, flow.remote[0])
            profile.respond(transaction, request, 403)
            return

        def proceed(verdict: Verdict) -> None:
            if not verdict.allowed:
                self._refuse(transaction, request, verdict, user, realm, flow)
            elif not self._may_register(verdict, user, realm):
                log.warning("%s tried to register %s@%s", verdict.username, user, realm)
                profile.respond(transaction, request, 403)
            else:
                self._bind(transaction, request, flow, verdict, user, realm, contacts, path)

        if settings.accept_blind_reg:
            proceed(Verdict(True, user, realm))
        else:
            authenticate(profile, RequestReceived(transaction, request, None), flow, proceed)

    def _refuse(
        self,
        transaction: NonInviteServer,
        request: Request,
        verdict: Verdict,
        user: str,
        realm: str,
        flow: Flow,
    ) -> None:
        profile = self._profile
        if verdict.challenges:
            profile.respond(
                transaction,
                request,
                401,
                headers=[("WWW-Authenticate", c) for c in verdict.challenges],
            )
            return
        log.warning(
            "registration of %s@%s from %s refused: %s", user, realm, flow.remote[0], verdict.reason
        )
        profile.switch.publish(
            "CUSTOM",
            {
                "profile-name": profile.name,
                "to-user": user,
                "to-host": realm,
                "network-ip": flow.remote[0],
                "user-agent": request.headers.get("User-Agent") or "unknown",
                "registration-type": "REGISTER",
            },
            subclass="sofia::register_failure",
        )
        profile.respond(transaction, request, 403)

    def _bind(
        self,
        transaction: NonInviteServer,
        request: Request,
        flow: Flow,
        verdict: Verdict,
        user: str,
        realm: str,
        contacts: list[NameAddr] | None,
        path: str,
    ) -> None:
        profile, location = self._profile, self._profile.location
        now = profile.wall_clock()
        present = location.find(user, realm, profile.name)
        call_id, cseq = request.call_id, request.cseq.number
        for binding in present:
            # RFC 3261 §10.3 step 7: an older request of the same phone changes nothing.
            if binding.call_id == call_id and binding.cseq > cseq:
                profile.respond(transaction, request, 500, "Out of Order")
                return
        if contacts is None:
            for binding in present:
                self._forget(binding, "unregister")
        else:
            asked = request.expires
            for contact in contacts:
                expires = self._expires(contact, asked)
                if 0 < expires < profile.settings.sip_force_expires_min:
                    profile.respond(
                        transaction,
                        request,
                        423,
                        headers=[("Min-Expires", str(profile.settings.sip_force_expires_min))],
                    )
                    return
            kept = {str(contact.uri) for contact in contacts}
            several = profile.settings.several_contacts
            others = [item for item in present if item.contact not in kept] if several else []
            if len(kept) + len(others) > (profile.settings.max_registrations or MOST_CONTACTS):
                profile.respond(transaction, request, 403, "Too many contacts")
                return
            if contacts and not several:
                # One place for each user, unless the profile allows several.
                for binding in present:
                    if binding.contact not in kept:
                        self._forget(binding, "replaced")
            for contact in contacts:
                self._put(request, flow, verdict, user, realm, contact, asked, now, path)
        self._accept(transaction, request, user, realm, now)

    def _put(
        self,
        request: Request,
        flow: Flow,
        verdict: Verdict,
        user: str,
        realm: str,
        contact: NameAddr,
        asked: int | None,
        now: float,
        path: str,
    ) -> None:
        profile = self._profile
        expires = self._expires(contact, asked)
        binding = Binding(
            profile=profile.name,
            user=user,
            realm=realm,
            contact=str(contact.uri),
            call_id=request.call_id,
            cseq=request.cseq.number,
            expires=now + expires,
            q=_quality(contact),
            transport=flow.transport,
            network_ip=flow.remote[0],
            network_port=flow.remote[1],
            local_ip=flow.local[0],
            local_port=flow.local[1],
            path=path,
            agent=request.headers.get("User-Agent") or "unknown",
            username=verdict.username or user,
            auth_realm=verdict.realm or realm,
            display=contact.display,
            hostname=profile.switch.hostname,
        )
        if expires == 0:
            self._forget(binding, "unregister")
            return
        new = profile.location.put(binding)
        if new:
            log.info("%s registered from %s:%d", binding.aor, *flow.remote)
        profile.switch.publish(
            "CUSTOM",
            {
                **binding_headers(binding),
                "status": status_text(binding),
                "expires": str(expires),
                "to-user": user,
                "to-host": realm,
                "from-user": request.from_.uri.user or "",
                "from-host": request.from_.uri.host,
                "update-reg": "false" if new else "true",
            },
            subclass="sofia::register",
        )

    def _accept(
        self, transaction: NonInviteServer, request: Request, user: str, realm: str, now: float
    ) -> None:
        headers = [
            ("Contact", f"<{item.contact}>;expires={max(round(item.expires - now), 1)}")
            for item in self._profile.location.find(user, realm, self._profile.name)
        ]
        if "Path" in request.headers:
            headers += [("Path", value) for value in request.headers.all("Path")]
        headers.append(("Date", formatdate(now, usegmt=True)))
        self._profile.respond(transaction, request, 200, headers=headers)

    def _forget(self, binding: Binding, reason: str) -> None:
        if self._profile.location.remove(binding):
            log.info("%s: %s is gone (%s)", binding.aor, binding.contact, reason)
            self.tell_gone(binding, "sofia::unregister", reason)

    def forget_flow(self, flow: Flow) -> None:
        """Forget what was registered by a connection that is gone."""
        for binding in self._profile.location.of_flow(flow.transport, *flow.remote):
            if binding.profile == self._profile.name:
                self._forget(binding, "socket closed")

    def tell_gone(self, binding: Binding, subclass: str, reason: str) -> None:
        """Publish that a binding ended."""
        self._profile.switch.publish(
            "CUSTOM", {**binding_headers(binding), "reason": reason}, subclass=subclass
        )

    def _may_register(self, verdict: Verdict, user: str, realm: str) -> bool:
        """Whether who authenticated may register this address.

        That of another user only where the profile does not forbid it, and never one of another
        domain of ours.
        """
        settings = self._profile.settings
        if settings.inbound_reg_force_matching_username and verdict.username != user:
            return False
        if settings.force_register_domain or verdict.user is None:
            return True
        domain = self._profile.switch.generation.directory.domain(realm)
        return domain is None or domain.name.lower() == verdict.user.domain.lower()

    def _realm(self, request: Request) -> str:
        """The domain whose user registers: forced by the profile, else that of To."""
        return self._profile.settings.force_register_domain or request.to.uri.host

    def _contacts(self, request: Request) -> list[NameAddr] | None:
        """The contacts to bind; None for ``*`` (remove all), which needs Expires: 0."""
        values = request.headers.values("Contact")
        if values == ["*"]:
            if request.expires != 0:
                raise RemoteProtocolError(400, "Contact: * needs Expires: 0")
            return None
        if "*" in values:
            raise RemoteProtocolError(400, "Contact: * must stand alone")
        contacts = [NameAddr.parse(value) for value in values]
        for contact in contacts:
            if contact.uri.scheme not in ("sip", "sips"):
                raise RemoteProtocolError(400, "Contact is not a SIP URI")
        return contacts

    def _expires(self, contact: NameAddr, asked: int | None) -> int:
        """Seconds granted to a contact, within the profile's limits; 0 removes it."""
        text = contact.parameter("expires")
        if text is not None and text.isascii() and text.isdecimal():
            expires = min(int(text), 2**31)
        else:
            expires = asked if asked is not None else DEFAULT_EXPIRES
        if expires == 0:
            return 0
        settings = self._profile.settings
        if settings.sip_force_expires:
            return settings.sip_force_expires
        return min(expires, settings.sip_force_expires_max)


def _quality(contact: NameAddr) -> float:
    try:
        return min(max(float(contact.parameter("q") or 1.0), 0.0), 1.0)
    except ValueError:
        return 1.0


def binding_headers(binding: Binding) -> dict[str, str]:
    """The event headers that tell which binding is meant."""
    return {
        "profile-name": binding.profile,
        "contact": contact_text(binding),
        "call-id": binding.call_id,
        "network-ip": binding.network_ip,
        "network-port": str(binding.network_port),
        "username": binding.username,
        "realm": binding.auth_realm,
        "user-agent": binding.agent,
        "user": binding.user,
        "host": binding.realm,
    }
