"""NOTIFYs to registered phones that have not subscribed to anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.sip.uri import NameAddr, SipUri

if TYPE_CHECKING:
    from softswitch.endpoints.sip.location import Binding
    from softswitch.endpoints.sip.profile import Profile


def notify_check_sync(profile: Profile, binding: Binding, *, reboot: bool = False) -> None:
    """Tell a phone to read its configuration anew, or to start anew."""
    event = f"check-sync;reboot={str(reboot).lower()}"
    _notify(profile, binding, event, "active")


def notify_binding(profile: Profile, binding: Binding, event: str, kind: str, body: bytes) -> None:
    """Tell a registered phone something that it has not subscribed to."""
    call_id = binding.call_id if profile.settings.mwi_use_reg_callid else None
    _notify(profile, binding, event, "terminated;reason=noresource", kind, body, call_id)
    profile.pump()


def _notify(
    profile: Profile,
    binding: Binding,
    event: str,
    state: str,
    kind: str = "",
    body: bytes = b"",
    call_id: str | None = None,
) -> None:
    """A NOTIFY that belongs to no subscription."""
    flow = profile.driver.flow_to(binding.transport, binding.network_ip, binding.network_port)
    if flow is None:
        return
    target = SipUri.parse(binding.contact)
    request = profile.stack.build_request(
        "NOTIFY",
        binding.contact,
        from_=NameAddr("", SipUri(user=binding.user, host=binding.realm)),
        to=NameAddr("", target.replace(parameters={})),
        call_id=call_id,
        headers=[
            (
                "Contact",
                profile.contact(profile.settings.contact_user, flow.transport, flow.remote[0]),
            ),
            ("Event", event),
            ("Subscription-State", state),
            *([("Route", binding.path)] if binding.path else []),
        ],
        body=body,
        content_type=kind,
    )
    profile.stack.request(request, flow, profile.now())
