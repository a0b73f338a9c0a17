"""The registrar role of a profile: REGISTER in, bindings kept (RFC 3261 §10.3, RFC 3327, 5626)."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

from softswitch.dialplan.pcre import MatchTimeout, compile_expression
from softswitch.dialplan.pcre_characters import PatternError
from softswitch.endpoints.sip.authentication import (
    Verdict,
    authenticate,
    note_failure,
    source_of,
)
from softswitch.endpoints.sip.guard import shown
from softswitch.endpoints.sip.location import Binding
from softswitch.endpoints.sip.reach import forced_contact, path_of, status_text
from softswitch.endpoints.sip.registration_events import (
    binding_headers,
    tell_attempt,
    tell_failure,
)
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.events import RequestReceived
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request
from softswitch.sip.uri import NameAddr

if TYPE_CHECKING:
    from softswitch.directory.user import User
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.non_invite_server import NonInviteServer

log = logging.getLogger(__name__)

DEFAULT_EXPIRES = 3600
"""Seconds, where the phone names none."""
MOST_CONTACTS = 20
"""Contacts of one user at once, so that a faulty phone cannot fill the memory."""


@dataclass(slots=True)
class Register:
    """One REGISTER on its way to an answer."""

    transaction: NonInviteServer
    request: Request
    flow: Flow
    user: str
    realm: str
    contacts: list[NameAddr] | None
    """None for ``*``: all are to be removed."""
    path: str
    verdict: Verdict

    @property
    def account(self) -> User | None:
        """The directory's user who authenticated, if it was one."""
        return self.verdict.user


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
            contacts = _contacts(request)
            trusted = profile.allowed(settings.apply_proxy_acl, flow.remote)
            path = path_of(request.headers.values("Path"), flow.remote[0], trusted=trusted)
        except RemoteProtocolError as error:
            profile.respond(transaction, request, error.status, error.reason)
            return
        source = source_of(profile, request, flow)
        if settings.apply_register_acl and not profile.allowed(settings.apply_register_acl, source):
            log.warning(
                'IP %s Rejected by register acl "%s"', *source[:1], settings.apply_register_acl[0]
            )
            profile.respond(transaction, request, 403)
            return
        blind = Verdict(True, user, realm)
        register = Register(transaction, request, flow, user, realm, contacts, path, blind)

        def proceed(verdict: Verdict) -> None:
            register.verdict = verdict
            tell_attempt(profile, register)
            if not verdict.allowed:
                self._refuse(register)
            elif not self._may_use(agent := request.headers.get("User-Agent") or ""):
                log.warning("a phone that calls itself %s may not register", shown(agent))
                profile.respond(transaction, request, 403)
            elif not self._may_register(register):
                log.warning("%s tried to register %s@%s", verdict.username, user, realm)
                profile.respond(transaction, request, 403)
            else:
                self._bind(register)

        if settings.accept_blind_reg:
            proceed(blind)
        else:
            authenticate(profile, RequestReceived(transaction, request, None), flow, proceed)

    def _refuse(self, register: Register) -> None:
        profile, verdict, request = self._profile, register.verdict, register.request
        if verdict.challenges:
            profile.respond(
                register.transaction,
                request,
                401,
                headers=[("WWW-Authenticate", c) for c in verdict.challenges],
            )
            return
        note_failure(profile, request, register.flow, verdict)
        tell_failure(profile, register)
        profile.respond(register.transaction, request, 403)

    def _bind(self, register: Register) -> None:
        """Change the bindings as asked, all or none (§10.3 steps 6 to 8)."""
        profile, request = self._profile, register.request
        settings = profile.settings
        present = profile.location.find(register.user, register.realm, profile.name)
        for binding in present:
            # Step 7: an older request of the same phone changes nothing.
            if binding.call_id == request.call_id and binding.cseq > request.cseq.number:
                profile.respond(register.transaction, request, 500, "Out of Order")
                return
        if register.contacts is None:
            for binding in present:
                self._forget(binding, "unregister")
            self._accept(register)
            return
        wanted = [(contact, self._expires(register, contact)) for contact in register.contacts]
        if any(0 < expires < settings.sip_force_expires_min for _, expires in wanted):
            minimum = [("Min-Expires", str(settings.sip_force_expires_min))]
            profile.respond(register.transaction, request, 423, headers=minimum)
            return
        coming = [self._binding(register, contact, expires) for contact, expires in wanted]
        lasting = {
            item.contact for item, (_, expires) in zip(coming, wanted, strict=True) if expires
        }
        replaced = self._replaced(present, coming, register) if lasting else []
        names = {item.contact for item in coming}
        staying = [item for item in present if item.contact not in names and item not in replaced]
        if len(lasting) + len(staying) > self._most(register.account):
            profile.respond(register.transaction, request, 403, "Too many contacts")
            return
        for binding in replaced:
            self._forget(binding, "replaced")
        for binding, (_, expires) in zip(coming, wanted, strict=True):
            if expires:
                self._put(register, binding, expires)
            else:
                self._forget(binding, "unregister")
        self._accept(register)

    def _replaced(
        self, present: list[Binding], coming: list[Binding], register: Register
    ) -> list[Binding]:
        """What has to go for the new bindings."""
        names = {item.contact for item in coming}
        others = [item for item in present if item.contact not in names]
        flows = {(item.instance, item.reg_id) for item in coming if item.reg_id}
        if flows:
            # RFC 5626 §6: a phone's flow is known by its number, whatever its address now.
            return [item for item in others if (item.instance, item.reg_id) in flows]
        match self._profile.settings.registrations:
            case "contact":
                return []
            case "call-id":
                return [item for item in others if item.call_id == register.request.call_id]
            case _:
                return others

    def _most(self, account: User | None) -> int:
        """How many contacts a user may have."""
        own = account.param("max-registrations-per-extension") if account is not None else ""
        wish = int(own) if own.isdecimal() else self._profile.settings.max_registrations
        return wish or MOST_CONTACTS

    def _binding(self, register: Register, contact: NameAddr, expires: int) -> Binding:
        profile, request, flow = self._profile, register.request, register.flow
        verdict = register.verdict
        instance = contact.parameter("+sip.instance") or ""
        number = contact.parameter("reg-id") or ""
        outbound = profile.settings.enable_rfc_5626 and instance and number.isdecimal()
        wish = register.account.variables.get("sip-force-contact", "") if register.account else ""
        return Binding(
            profile=profile.name,
            user=register.user,
            realm=register.realm,
            contact=str(contact.uri),
            call_id=request.call_id,
            cseq=request.cseq.number,
            expires=profile.wall_clock() + expires + profile.settings.sip_expires_late_margin,
            q=_quality(contact),
            transport=flow.transport,
            network_ip=flow.remote[0],
            network_port=flow.remote[1],
            local_ip=flow.local[0],
            local_port=flow.local[1],
            path=register.path,
            agent=request.headers.get("User-Agent") or "unknown",
            username=verdict.username or register.user,
            auth_realm=verdict.realm or register.realm,
            display=contact.display,
            hostname=profile.switch.hostname,
            instance=instance,
            reg_id=min(int(number[:9]), 2**31) if outbound else 0,
            forced=forced_contact(wish, contact.uri, flow),
        )

    def _put(self, register: Register, binding: Binding, expires: int) -> None:
        profile, request = self._profile, register.request
        new = profile.location.put(binding)
        profile.pinger.watch(binding)
        profile.presence.registered(profile, binding, first=new)
        if new:
            log.info("%s registered from %s:%d", binding.aor, *register.flow.remote)
        if not profile.switch.bus.wants("CUSTOM"):
            return
        profile.switch.publish(
            "CUSTOM",
            {
                **binding_headers(binding),
                "rpid": "unknown",
                "status": status_text(binding),
                "expires": str(expires),
                "to-user": register.user,
                "to-host": register.realm,
                "from-user": request.from_.uri.user or "",
                "from-host": request.from_.uri.host,
                "update-reg": "false" if new else "true",
            },
            subclass="sofia::register",
        )

    def _accept(self, register: Register) -> None:
        """200, with all bindings of the user (§10.3 step 8)."""
        profile, request = self._profile, register.request
        settings = profile.settings
        now = profile.wall_clock()
        margin = settings.sip_expires_late_margin
        bindings = profile.location.find(register.user, register.realm, profile.name)
        headers: list[tuple[str, str]] = []
        for item in bindings:
            seconds = max(round(item.expires - margin - now), 1)
            headers.append(("Contact", f"<{item.contact}>;expires={seconds}"))
        if settings.expires_in_response and bindings:
            seconds = max(round(item.expires - margin - now) for item in bindings)
            headers.append(("Expires", str(max(seconds, 1))))
        headers += [("Path", value) for value in request.headers.all("Path")]
        if any(item.reg_id for item in bindings):
            headers.append(("Require", "outbound"))
        headers.append(("Date", _date(int(now))))
        profile.respond(register.transaction, request, 200, headers=headers)

    def _forget(self, binding: Binding, reason: str) -> None:
        if self._profile.location.remove(binding):
            log.info("%s: %s is gone (%s)", binding.aor, binding.contact, reason)
            self.tell_gone(binding, "sofia::unregister", reason)

    def forget_flow(self, flow: Flow) -> None:
        """Forget what was registered by a connection that is gone."""
        for binding in self._profile.location.of_flow(flow.transport, *flow.remote):
            if binding.profile == self._profile.name:
                self._forget(binding, "socket closed")

    def forget_silent(self, binding: Binding) -> None:
        """Forget a phone that does not answer (``unregister-on-options-fail``)."""
        self._forget(binding, "options failure")

    def tell_gone(self, binding: Binding, subclass: str, reason: str) -> None:
        """Publish that a binding ended."""
        self._profile.presence.changed(binding.aor.lower())
        if not self._profile.switch.bus.wants("CUSTOM"):
            return
        headers = {**binding_headers(binding), "rpid": "unknown", "reason": reason}
        headers["expires"] = str(int(binding.expires))
        self._profile.switch.publish("CUSTOM", headers, subclass=subclass)

    def _may_register(self, register: Register) -> bool:
        """Whether who authenticated may register this address.

        That of another user only where the profile does not forbid it, and never one of another
        domain of ours.
        """
        settings, verdict = self._profile.settings, register.verdict
        if settings.inbound_reg_force_matching_username and verdict.username != register.user:
            return False
        if verdict.user is None:
            return True
        if verdict.user.param("sip-forbid-register").lower() in ("true", "yes", "on", "1"):
            return False
        if settings.force_register_domain or settings.force_register_db_domain:
            return True
        domain = self._profile.switch.generation.directory.domain(register.realm)
        return domain is None or domain.name.lower() == verdict.user.domain.lower()

    def _realm(self, request: Request) -> str:
        """The domain that is registered under: forced by the profile, else that of To."""
        settings = self._profile.settings
        forced = settings.force_register_db_domain or settings.force_register_domain
        return forced or request.to.uri.host

    def _may_use(self, agent: str) -> bool:
        """Whether ``user-agent-filter`` lets a phone of that name in."""
        wanted = self._profile.settings.user_agent_filter
        if not wanted:
            return True
        try:
            return compile_expression(wanted).search(agent) is not None
        except (PatternError, MatchTimeout) as error:
            log.warning("user-agent-filter %s: %s", wanted, error)
            return False

    def _expires(self, register: Register, contact: NameAddr) -> int:
        """Seconds granted to a contact, within the profile's limits; 0 removes it."""
        text, asked = contact.parameter("expires"), register.request.expires
        if text is not None and text.isascii() and text.isdecimal():
            expires = min(int(text[:10]), 2**31)
        else:
            expires = asked if asked is not None else DEFAULT_EXPIRES
        if expires == 0:
            return 0
        settings = self._profile.settings
        own = register.account.param("sip-force-expires") if register.account is not None else ""
        forced = int(own) if own.isdecimal() else settings.sip_force_expires
        expires = forced or min(expires, settings.sip_force_expires_max)
        deviation = settings.sip_expires_max_deviation
        return max(expires + random.randint(-deviation, deviation), 1) if deviation else expires


@lru_cache(maxsize=2)
def _date(now: int) -> str:
    return formatdate(now, usegmt=True)


def _contacts(request: Request) -> list[NameAddr] | None:
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


def _quality(contact: NameAddr) -> float:
    try:
        return min(max(float(contact.parameter("q") or 1.0), 0.0), 1.0)
    except ValueError:
        return 1.0
