"""What tests have a phone do that `Phone` has no word for."""

from __future__ import annotations

from softswitch.phone.call import PhoneCall


def send_early_media(call: PhoneCall) -> None:
    """Answer the offer of a call to us in a 183: sound before the answer."""
    usage = call.usage
    assert usage is not None
    text = call.open_audio().answer(usage.request.body.decode())
    usage.ring(183, text, now=call.phone.now)
    call.phone.pump()


def take_after_early_media(call: PhoneCall) -> None:
    """Answer with what the 183 said."""
    usage = call.usage
    assert usage is not None
    usage.accept(call.open_audio().answer(usage.request.body.decode()), now=call.phone.now)
    call.answered("")
    call.phone.pump()


def refuse(call: PhoneCall, status: int, *headers: tuple[str, str]) -> None:
    """Refuse or redirect a call to us with headers of one's own."""
    usage = call.usage
    assert usage is not None
    usage.reject(status, headers=headers, now=call.phone.now)
    call.phone.forget(usage)
    call.end(status, "refused by us")
    call.phone.pump()
