"""Dial strings of ``sofia/`` to legs: through a gateway, to an address, to who is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.addresses import uri_of
from softswitch.endpoints.sip.calling import Outgoing
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.endpoints.sip.reach import reachable_uri
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.uri import SipUri
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.switch.session import Session


class Dialling:
    """Makes the legs that dial strings name."""

    def __init__(self, endpoint: SipEndpoint) -> None:
        self._endpoint = endpoint

    def dial(
        self, target: str, parent: Session | None, variables: dict[str, str]
    ) -> tuple[str, SipLeg]:
        """The channel's name and the leg; nothing is sent yet.

        ``variables`` are the leg's and get what its caller, gateway or profile adds. Raises
        `CallFailed` for what names nobody who could be called now.
        """
        name, slash, rest = target.partition("/")
        if not slash or not rest:
            raise CallFailed(HangupCause.INVALID_URL, f"sofia/{target} names no destination")
        if parent is not None and parent.get("sip_copy_custom_headers") != "false":
            for key, value in parent.channel.variables.with_prefix("sip_h_"):
                variables.setdefault(key, value)
        if parent is not None:
            self._copy_from(parent, variables)
        try:
            if name.lower() == "gateway":
                return self._dial_gateway(rest, parent, variables)
            return self._dial_profile(name, rest, variables)
        except RemoteProtocolError as error:
            raise CallFailed(HangupCause.INVALID_URL, f"{rest}: {error.reason}") from None

    @staticmethod
    def _copy_from(parent: Session, variables: dict[str, str]) -> None:
        """What a leg takes over of the caller's beside headers: further bodies, identity."""
        multipart = parent.get("sip_multipart")
        if multipart and parent.get("sip_copy_multipart") != "false":
            variables.setdefault("sip_multipart", multipart)
        kind = parent.channel.variables.get("sip_cid_type")
        if kind:
            variables.setdefault("sip_cid_type", kind)

    def _dial_gateway(
        self, rest: str, parent: Session | None, variables: dict[str, str]
    ) -> tuple[str, SipLeg]:
        name, _, number = rest.partition("/")
        gateway = self._endpoint.gateway(name)
        if gateway is None:
            raise CallFailed(HangupCause.INVALID_GATEWAY, f"there is no gateway {name}")
        if not gateway.up:
            gateway.calls_out_failed += 1
            raise CallFailed(HangupCause.GATEWAY_DOWN, f"gateway {name} is {gateway.state}")
        self._check_standby(gateway.profile)
        uri = gateway.address_call(number, parent, variables)
        gateway.calls_out += 1
        outgoing = Outgoing(gateway.profile, uri, gateway)
        shown = f"sofia/{gateway.profile.name}/{number.partition(';')[0].partition('^')[0]}"
        return shown, SipLeg(gateway.profile, None, outgoing)

    def _dial_profile(self, name: str, rest: str, variables: dict[str, str]) -> tuple[str, SipLeg]:
        profile = self._endpoint.profile(name)
        if profile is None:
            raise CallFailed(HangupCause.INVALID_PROFILE, f"there is no profile {name}")
        variables["sip_profile_name"] = profile.name
        rest, _, to = rest.partition("^")
        if rest.lower().startswith(("sip:", "sips:")):
            uri = SipUri.parse(rest)
        elif "@" in rest:
            uri = SipUri.parse(f"sip:{rest}")
        else:
            user, percent, domain = rest.partition("%")
            domain = domain if percent else self._domain_of(profile)
            return self._dial_registered(profile, user, domain)
        if to:
            meant = uri_of(to) if "@" in to else uri.replace(user=to)
            variables.setdefault("sip_invite_to_uri", str(meant.replace(parameters={})))
        return self._leg(profile, uri)

    def _dial_registered(self, profile: Profile, user: str, domain: str) -> tuple[str, SipLeg]:
        bindings = self._endpoint.location.reach(user, domain, profile.name)
        if not bindings:
            raise CallFailed(HangupCause.USER_NOT_REGISTERED, f"{user}@{domain} is not registered")
        return self._leg(profile, SipUri.parse(reachable_uri(bindings[0])))

    def _domain_of(self, profile: Profile) -> str:
        for alias, name in self._endpoint.aliases.items():
            if name == profile.name:
                return alias
        return profile.settings.force_register_domain or self._endpoint.switch.globals.get(
            "domain", ""
        )

    def _leg(self, profile: Profile, uri: SipUri) -> tuple[str, SipLeg]:
        self._check_standby(profile)
        leg = SipLeg(profile, None, Outgoing(profile, uri))
        shown = str(uri.replace(parameters={})).partition(":")[2]
        return f"sofia/{profile.name}/{shown}", leg

    @staticmethod
    def _check_standby(profile: Profile) -> None:
        if profile.standby:
            raise CallFailed(HangupCause.SYSTEM_SHUTDOWN, f"profile {profile.name} stands by")
