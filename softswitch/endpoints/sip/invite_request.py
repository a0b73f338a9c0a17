"""The INVITE of a leg we call: its URIs, headers and body, as the leg's variables shape them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.sip import variables
from softswitch.endpoints.sip.body import with_parts
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Request
from softswitch.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from softswitch.endpoints.sip.gateway import Gateway
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.flow import Flow
    from softswitch.switch.session import Session

EVENTS = "presence, dialog, message-summary, as-feature-event, refer"
"""What is answered when one subscribes to it, and nothing else (RFC 6665 §8.2.2)."""
ABILITIES = "update_display,send_info"
"""X-FS-Support: what another switch of this kind may send us within a call."""

_FROM_VARIABLES = (
    ("sip_subject", "Subject"),
    ("alert_info", "Alert-Info"),
    ("call_info", "Call-Info"),
    ("sip_content_encoding", "Content-Encoding"),
    ("sip_invite_route_uri", "Route"),
    ("sip_invite_record_route", "Record-Route"),
)


_WISHES = (
    *("max_forwards", "sip_100rel", "sip_auto_answer", "sip_cid_type", "sip_destination_prefix"),
    *("sip_force_full_from", "sip_force_full_to", "sip_from_display", "sip_from_uri"),
    *("sip_invite_call_id", "sip_invite_contact_params", "sip_invite_cseq", "sip_invite_domain"),
    *("sip_invite_from_params", "sip_invite_from_uri", "sip_invite_full_from"),
    *("sip_invite_full_to", "sip_invite_params", "sip_invite_req_uri", "sip_invite_to_params"),
    *("sip_invite_to_uri", "sip_multipart", "sip_invite_tel_params", "sip_invite_pid_params"),
    *("sip_caller_id_name_in_contact", "sip_cid_suppress_privacy_none"),
    *[name for name, _ in _FROM_VARIABLES],
)
"""The variables that shape an INVITE."""


def wishes(session: Session) -> dict[str, str]:
    """Those of the variables that are set, for the leg or else globally, and not empty."""
    own, common = session.channel.variables.pick(_WISHES), session.switch.globals
    found = {name: value for name, value in own.items() if value}
    for name in filter(common.__contains__, _WISHES):
        found.setdefault(name, common[name])
    return found


class InviteRequest:
    """Builds one INVITE; what a variable holds that is no URI is logged and left out."""

    def __init__(
        self,
        profile: Profile,
        session: Session,
        target: SipUri,
        gateway: Gateway | None,
        contact_user: str = "",
    ) -> None:
        """``contact_user`` goes before the user of Contact that the profile has."""
        self._contact_user = contact_user
        self._profile = profile
        self._session = session
        self._get = wishes(session).get
        self._gateway = gateway
        self._target = target
        caller = session.channel.profile
        self._hidden = caller.privacy_hide_name or caller.privacy_hide_number
        self._name = "Anonymous" if caller.privacy_hide_name else caller.caller_id_name
        self._number = "anonymous" if caller.privacy_hide_number else caller.caller_id_number

    def build(self, sdp: str, flow: Flow, routes: list[tuple[str, str]]) -> Request:
        """The request, complete but for its Via."""
        session, profile = self._session, self._profile
        kind, body = with_parts(sdp, self._get("sip_multipart") or "", profile.stack.token)
        headers = [
            ("Max-Forwards", self._forwards()),
            ("Contact", self.contact(flow)),
            ("User-Agent", profile.stack.user_agent),
            ("Allow-Events", EVENTS),
            ("Content-Disposition", "session"),
            ("X-FS-Support", ABILITIES),
            *routes,
            *self._identity(),
            *self._intercom(),
            *[(header, self._get(name, "")) for name, header in _FROM_VARIABLES],
            *variables.headers_of(session, "sip_h_"),
        ]
        call_id = self._get("sip_invite_call_id")
        if not call_id and profile.settings.outbound_use_uuid_as_callid:
            call_id = session.uuid
        cseq = self._get("sip_invite_cseq") or ""
        request = profile.stack.build_request(
            "INVITE",
            str(self._request_uri()),
            from_=self._from(),
            to=self._to(),
            call_id=call_id,
            cseq=int(cseq) if cseq.isdecimal() and len(cseq) < 10 else 1,
            headers=[(name, value) for name, value in headers if value],
            body=body,
            content_type=kind,
        )
        rel100 = (self._get("sip_100rel") or "").lower()
        if rel100 == "required":
            request.headers.add("Require", "100rel")
        if rel100 and rel100 != "false":
            tags = [tag for tag in profile.settings.extensions if tag != "100rel"]
            request.headers.set("Supported", ", ".join(["100rel", *tags]))
        elif rel100:
            tags = [tag for tag in profile.settings.extensions if tag != "100rel"]
            request.headers.set("Supported", ", ".join(tags))
        return request

    def _request_uri(self) -> SipUri:
        uri = self._uri("sip_invite_req_uri") or self._target
        prefix = self._get("sip_destination_prefix")
        if prefix and uri.user:
            uri = uri.replace(user=f"{prefix}{uri.user}")
        if inside := self._get("sip_invite_tel_params"):
            uri = uri.replace(user=f"{uri.user or ''};{inside}")
        return self._with_parameters(uri, "sip_invite_params")

    def _from(self) -> NameAddr:
        whole = self._get("sip_invite_full_from") or self._get("sip_force_full_from")
        if whole:
            found = self._address(whole)
            if found is not None:
                return found
        name = self._get("sip_from_display") or self._name
        own = self._uri("sip_invite_from_uri") or self._uri("sip_from_uri")
        if own is not None:
            return NameAddr(name, self._with_parameters(own, "sip_invite_from_params"))
        domain = self._get("sip_invite_domain")
        if self._gateway is not None:
            address = self._gateway.from_address(name, self._number, domain or "")
        else:
            host = domain or self._profile.domain
            address = NameAddr(name, SipUri(user=self._number, host=host))
        kind = self._session.channel.profile.aniii
        if kind and self._gateway is None:
            address.uri.parameters["isup-oli"] = kind
        uri = self._with_parameters(address.uri, "sip_invite_from_params")
        return NameAddr(address.display, uri, address.parameters)

    def _to(self) -> NameAddr:
        whole = self._get("sip_invite_full_to") or self._get("sip_force_full_to")
        if whole:
            found = self._address(whole)
            if found is not None:
                return found
        uri = self._uri("sip_invite_to_uri") or self._target.replace(parameters={})
        return self._address_with("", uri, "sip_invite_to_params")

    def contact(self, flow: Flow) -> str:
        """Our Contact."""
        if self._gateway is not None:
            text = self._gateway.contact(flow.transport, flow.remote[0])
        else:
            user = self._contact_user or self._profile.settings.contact_user
            text = self._profile.contact(user, flow.transport, flow.remote[0])
        name = ""
        if is_true(self._get("sip_caller_id_name_in_contact")):
            name = self._name
        if not name and not self._get("sip_invite_contact_params"):
            return text
        uri = NameAddr.parse(text).uri
        return str(self._address_with(name, uri, "sip_invite_contact_params"))

    def _forwards(self) -> str:
        text = self._get("max_forwards") or ""
        return text if text.isdigit() else "70"

    def _intercom(self) -> list[tuple[str, str]]:
        """Ask the phone to answer by itself, in the words that phones understand."""
        if not is_true(self._get("sip_auto_answer")):
            return []
        return [("Call-Info", f"<sip:{self._profile.advertised_ip}>;answer-after=0")]

    def _identity(self) -> list[tuple[str, str]]:
        """Who calls, in the header that the profile (or ``sip_cid_type``) chooses."""
        kind = self._get("sip_cid_type") or self._profile.settings.caller_id_type
        caller = self._session.channel.profile
        host = self._identity_host()
        address = NameAddr(caller.caller_id_name, SipUri(user=caller.caller_id_number, host=host))
        if kind == "pid":
            asserted = self._with_parameters(address.uri, "sip_invite_pid_params")
            headers = [("P-Asserted-Identity", str(NameAddr(address.display, asserted)))]
            if self._hidden:
                return [*headers, ("Privacy", "id")]
            if not is_true(self._get("sip_cid_suppress_privacy_none")):
                headers.append(("Privacy", "none"))
            return headers
        if kind != "rpid":
            return [("Privacy", "id")] if self._hidden else []
        hides = (caller.privacy_hide_name, caller.privacy_hide_number)
        privacy = {(True, True): "full", (True, False): "name", (False, True): "uri"}
        screen = "yes" if caller.screen_bit else "no"
        tail = f"party=calling;screen={screen};privacy={privacy.get(hides, 'off')}"
        return [("Remote-Party-ID", f"{address};{tail}")]

    def _identity_host(self) -> str:
        """Where the caller is of: as From says it, for providers believe no other domain."""
        domain = self._get("sip_invite_domain")
        if domain:
            return domain
        if self._gateway is not None:
            return self._gateway.from_address("", self._number).uri.host
        own = self._uri("sip_from_uri")
        return own.host if own is not None and own.host else self._profile.domain

    # Variables

    def _uri(self, name: str) -> SipUri | None:
        text = (self._get(name) or "").strip()
        if not text:
            return None
        if not text.lower().startswith(("sip:", "sips:", "tel:", "<")):
            text = f"sip:{text}"
        found = self._address(text)
        return found.uri if found is not None else None

    def _address(self, text: str) -> NameAddr | None:
        try:
            return NameAddr.parse(text if "<" in text else f"<{text}>")
        except RemoteProtocolError:
            self._session.log.warning("%s is no address to put into an INVITE", text)
            return None

    def _with_parameters(self, uri: SipUri, name: str) -> SipUri:
        text = self._get(name) or ""
        if not text and name == "sip_invite_params" and is_true(self._get("sip_auto_answer")):
            text = "intercom=true"
        added = _parameters(text)
        return uri.replace(parameters={**uri.parameters, **added}) if added else uri

    def _address_with(self, display: str, uri: SipUri, name: str) -> NameAddr:
        """An address with a variable's parameters: the header's own behind a tilde (``~a=b``), or
        the URI's.
        """
        text = self._get(name) or ""
        if text.startswith("~"):
            return NameAddr(display, uri, _parameters(text[1:]))
        return NameAddr(display, self._with_parameters(uri, name))


def _parameters(text: str) -> dict[str, str | None]:
    """The parameters of ``a=b;c``."""
    found: dict[str, str | None] = {}
    for item in text.split(";"):
        key, equals, value = item.strip().partition("=")
        if key:
            found[key] = value if equals else None
    return found
