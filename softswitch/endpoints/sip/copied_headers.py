"""Headers of a far end that its partner's far end is told too (``sip_copy_custom_headers``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def copy_to_partner(session: Session, prefix: str) -> None:
    """Give the ``sip_ph_``, ``sip_rh_`` or ``sip_bye_h_`` variables of a leg to its partner, whose
    next message of that kind has them as headers; either may have ``sip_copy_custom_headers`` say
    no.
    """
    headers = session.channel.variables.with_prefix(prefix)
    if not headers or session.get("sip_copy_custom_headers") == "false":
        return
    partner = session.switch.find(session.get("signal_bond") or "")
    if partner is not None and partner.get("sip_copy_custom_headers") != "false":
        for name, value in headers:
            partner.set(name, value)
