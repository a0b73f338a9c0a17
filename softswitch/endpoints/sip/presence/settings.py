"""The settings of a SIP profile about presence."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.params import param


@dataclass(frozen=True)
class PresenceSettings:
    """Who may watch, for how long, and what is shown."""

    manage_presence: str = param(
        "manage-presence",
        "false",
        help="serve watchers; passive: take PUBLISH alone",
    )
    manage_shared_appearance: bool = param(
        "manage-shared-appearance",
        False,
        help="phones with one number show, pick up and join each other's calls (call-info and"
        " line-seize of BroadSoft's); serves watchers and lets users register several times, too",
    )
    auth_subscriptions: bool = param(
        "auth-subscriptions", False, help="SUBSCRIBE and PUBLISH need a password, as calls may"
    )
    disable_auth_subscriptions: bool = param(
        "disable-auth-subscriptions", False, help="SUBSCRIBE and PUBLISH need none"
    )
    force_subscription_expires: int = param(
        "force-subscription-expires", 0, minimum=0, help="seconds every subscription lasts"
    )
    sip_subscription_max_deviation: int = param(
        "sip-subscription-max-deviation",
        0,
        minimum=0,
        help="at most so many seconds are taken by chance, so that refreshes spread",
    )
    presence_hosts: tuple[str, ...] = param(
        "presence-hosts",
        (),
        separator=",",
        help="domains whose users are the same: registered by one, found and watched by another",
    )
    mwi_use_reg_callid: bool = param(
        "mwi-use-reg-callid",
        False,
        help="phones are told of messages under the Call-ID of their registration",
    )
    force_subscription_domain: str = param(
        "force-subscription-domain", "", help="domain of whom is watched, whatever phones say"
    )
    force_publish_expires: int = param(
        "force-publish-expires", 0, minimum=0, help="seconds every publication lasts"
    )
    presence_hold_state: str = param(
        "presence-hold-state",
        "",
        choices=("", "early", "confirmed", "terminated"),
        help="how a held call is shown; confirmed if empty",
    )
    presence_disable_early: bool = param(
        "presence-disable-early", False, help="ringing is not shown"
    )
    send_message_query_on_register: str = param(
        "send-message-query-on-register",
        "true",
        help="tell a phone that registers what messages wait; first-only at its first time",
    )

    @property
    def presence_managed(self) -> bool:
        """Whether watchers are served."""
        told = self.manage_presence.lower()
        return told not in ("false", "no", "off", "0") or self.manage_shared_appearance

    @property
    def queries_messages(self) -> bool:
        """Whether registrations ask what messages wait."""
        return self.send_message_query_on_register.lower() not in ("false", "no", "off", "0")
