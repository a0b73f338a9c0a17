"""The settings of a SIP profile about phones that register."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.params import param


@dataclass(frozen=True)
class RegistrationSettings:
    """Who may register, for how long, from how many places, and whether it is still there."""

    disable_register: bool = param("disable-register", False, help="refuse REGISTER")
    accept_blind_reg: bool = param("accept-blind-reg", False, help="register without password")
    apply_register_acl: tuple[str, ...] = param(
        "apply-register-acl", (), help="access list that may register"
    )
    force_register_domain: str = param(
        "force-register-domain", "", help="domain whose users register, whatever they say"
    )
    force_register_db_domain: str = param(
        "force-register-db-domain", "", help="domain that registrations are kept under"
    )
    user_agent_filter: str = param(
        "user-agent-filter",
        "",
        help="regular expression: phones with another User-Agent do not register",
    )
    inbound_reg_force_matching_username: bool = param(
        "inbound-reg-force-matching-username", False, help="users register only themselves"
    )
    multiple_registrations: str = param(
        "multiple-registrations",
        "false",
        help="several places of one user: true (or call-id) replaces what one phone registered"
        " before, contact only the same contact",
    )
    max_registrations: int = param(
        "max-registrations-per-extension", 0, minimum=0, help="contacts of one user; 0 means 20"
    )
    sip_force_expires: int = param(
        "sip-force-expires", 0, minimum=0, help="seconds every registration lasts"
    )
    sip_force_expires_min: int = param(
        "sip-force-expires-min", 0, minimum=0, help="shortest registration in seconds"
    )
    sip_force_expires_max: int = param(
        "sip-force-expires-max", 86400, minimum=1, help="longest registration in seconds"
    )
    sip_expires_late_margin: int = param(
        "sip-expires-late-margin", 60, minimum=0, help="seconds a refresh may be late"
    )
    sip_expires_max_deviation: int = param(
        "sip-expires-max-deviation",
        0,
        minimum=0,
        help="at most so many seconds are added or taken by chance, so that refreshes spread",
    )
    expires_in_response: bool = param(
        "NDLB-expires-in-register-response", False, help="an Expires header in answers too"
    )
    enable_rfc_5626: bool = param(
        "enable-rfc-5626", False, help="phones with reg-id keep several flows (RFC 5626)"
    )
    aggressive_nat_detection: bool = param(
        "aggressive-nat-detection",
        False,
        help="sofia status tells it; a Contact that differs from the source always means NAT",
    )
    nat_options_ping: bool = param(
        "nat-options-ping", False, help="ask phones behind NAT whether they are there"
    )
    all_reg_options_ping: bool = param(
        "all-reg-options-ping", False, help="ask all phones whether they are there"
    )
    unregister_on_options_fail: bool = param(
        "unregister-on-options-fail", False, help="forget phones that do not answer"
    )
    sip_user_ping_max: int = param(
        "sip-user-ping-max", 3, minimum=1, help="answers that are saved up for bad times"
    )
    sip_user_ping_min: int = param(
        "sip-user-ping-min", 1, minimum=1, help="with fewer saved up a phone is unreachable"
    )
    ping_mean_interval: int = param(
        "ping-mean-interval", 30, minimum=1, help="seconds between two questions, on average"
    )

    @property
    def registrations(self) -> str:
        """What a new contact replaces: ``all`` others, those of its ``call-id``, or none but the
        same ``contact``.
        """
        wish = self.multiple_registrations.strip().lower()
        if wish in ("true", "yes", "on", "1", "call-id"):
            return "call-id"
        return "contact" if wish == "contact" else "all"
