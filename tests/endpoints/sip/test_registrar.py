"""REGISTER: who may, what is bound, what is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.registrar import MOST_CONTACTS
from softswitch.sip.auth import answer
from softswitch.sip.message import Response
from tests.support.sip_bench import ALICE, DIRECTORY, DOMAIN, SipBench, sip_bench

pytestmark = pytest.mark.virtual_time

OPEN = {"accept-blind-reg": "true"}
SEVERAL = {**OPEN, "multiple-registrations": "contact"}
CONTACT = f"<sip:1000@{ALICE[0]}:{ALICE[1]}>"


def bound(running: SipBench, user: str = "1000", realm: str = DOMAIN) -> list[str]:
    """The contacts of a user."""
    return [item.contact for item in running.sip.location.find(user, realm)]


async def ask(running: SipBench, **headers: str) -> Response:
    """A REGISTER of Alice's and its final response."""
    running.alice.ask("REGISTER", call_id="reg", **headers)
    await running.settle()
    found = running.alice.received.pop()
    assert isinstance(found, Response)
    return found


async def test_a_phone_registers_with_its_password(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        response = await running.register(running.alice, Expires="300")
        assert response.status == 200
        assert response.headers.get("Contact") == f"{CONTACT};expires=300"
        assert (response.headers.get("Date") or "").endswith("GMT")
        assert "INVITE" in (response.headers.get("Allow") or "")
        (binding,) = running.sip.location
        assert (binding.username, binding.auth_realm) == ("1000", DOMAIN)
        assert (binding.network_ip, binding.network_port) == ALICE
        (told,) = running.events("sofia::register")
        assert told["to-user"] == "1000"
        assert told["expires"] == "300"
        assert told["update-reg"] == "false"
        await running.register(running.alice, Expires="300")
        assert running.events("sofia::register")[-1]["update-reg"] == "true"


@pytest.mark.parametrize("user", ["1000", "1999"])
async def test_a_wrong_password_and_an_unknown_user_are_told_the_same(
    tmp_path: Path, user: str
) -> None:
    async with sip_bench(tmp_path) as running:
        party = running.party(user)
        response = await running.register(party, "wrong")
        assert (response.status, response.reason) == (403, "Forbidden")
        assert running.events("sofia::register_failure")[0]["to-user"] == user
        assert not len(running.sip.location)


async def test_another_domain_of_ours_is_not_for_its_neighbour(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        response = await running.register(running.alice, To="<sip:1000@other.test>")
        # The realm is that of To: the password is another.
        assert response.status == 403
        realm = {"From": f"<sip:1000@{DOMAIN}>;tag=x", "To": "<sip:1000@other.test>"}
        running.profile.settings = _replaced(running, challenge_realm="auto_from")
        response = await running.register(running.alice, **realm)
        assert response.status == 403
        assert not len(running.sip.location)


def _replaced(running: SipBench, **changes: object):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(running.profile.settings, **changes)  # type: ignore[arg-type]


async def test_users_register_only_themselves_where_that_is_asked(tmp_path: Path) -> None:
    forced = {"inbound-reg-force-matching-username": "true"}
    async with sip_bench(tmp_path, profile=forced) as running:
        response = await running.register(running.alice, To=f"<sip:1001@{DOMAIN}>")
        assert response.status == 403
    async with sip_bench(tmp_path) as running:
        response = await running.register(running.alice, To=f"<sip:1001@{DOMAIN}>")
        assert response.status == 200
        assert bound(running, "1001")


async def test_the_profile_may_name_the_domain_of_all(tmp_path: Path) -> None:
    forced = {"force-register-domain": DOMAIN, "challenge-realm": "auto_from"}
    async with sip_bench(tmp_path, profile=forced) as running:
        address = {"From": "<sip:1000@192.0.2.1>;tag=x", "To": "<sip:1000@192.0.2.1>"}
        assert (await running.register(running.alice, **address)).status == 200
        assert bound(running)


async def test_access_lists_and_settings_keep_phones_out(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={**OPEN, "apply-register-acl": "elsewhere"}) as running:
        assert (await ask(running)).status == 403
    async with sip_bench(tmp_path, profile={**OPEN, "disable-register": "true"}) as running:
        assert (await ask(running)).status == 403


async def test_no_contact_asks_what_is_bound(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=OPEN) as running:
        assert (await ask(running)).status == 200
        answer = await ask(running, Contact="")
        assert answer.headers.get("Contact") == f"{CONTACT};expires=3600"


async def test_a_star_removes_all_and_nothing_else_beside(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=SEVERAL) as running:
        await ask(running)
        await ask(running, Contact="<sip:1000@192.0.2.11>")
        assert (await ask(running, Contact="*")).status == 400
        assert (await ask(running, Contact=f"*, {CONTACT}", Expires="0")).status == 400
        assert len(bound(running)) == 2
        answer = await ask(running, Contact="*", Expires="0")
        assert answer.status == 200
        assert "Contact" not in answer.headers
        assert not bound(running)
        assert len(running.events("sofia::unregister")) == 2


async def test_one_place_each_unless_several_are_allowed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=OPEN) as running:
        await ask(running)
        await ask(running, Contact="<sip:1000@192.0.2.11>")
        assert bound(running) == ["sip:1000@192.0.2.11"]
        assert running.events("sofia::unregister")[0]["reason"] == "replaced"
    async with sip_bench(tmp_path, profile=SEVERAL) as running:
        await ask(running)
        answer = await ask(running, Contact="<sip:1000@192.0.2.11>;q=0.5")
        assert bound(running) == [CONTACT.strip("<>"), "sip:1000@192.0.2.11"]
        assert len(answer.headers.all("Contact")) == 2


@pytest.mark.parametrize("several", ["false", "true"])
async def test_who_takes_its_old_place_back_keeps_the_new_one(tmp_path: Path, several: str) -> None:
    async with sip_bench(tmp_path, profile={**OPEN, "multiple-registrations": several}) as running:
        await ask(running)
        await ask(running, Contact="<sip:1000@192.0.2.11>")
        answer = await ask(running, Expires="0")
        assert answer.headers.get("Contact") == "<sip:1000@192.0.2.11>;expires=3600"
        assert bound(running) == ["sip:1000@192.0.2.11"]


async def test_a_phone_with_one_place_may_move_by_one_request(tmp_path: Path) -> None:
    one = {**OPEN, "max-registrations-per-extension": "1"}
    async with sip_bench(tmp_path, profile=one) as running:
        await ask(running)
        answer = await ask(running, Contact=f"{CONTACT};expires=0, <sip:1000@192.0.2.11>")
        assert answer.status == 200
        assert bound(running) == ["sip:1000@192.0.2.11"]
        assert (await ask(running, Contact=f"{CONTACT}, <sip:1000@192.0.2.11>")).status == 403


async def test_expires_is_bounded_by_the_profile(tmp_path: Path) -> None:
    limits = {**OPEN, "sip-force-expires-min": "60", "sip-force-expires-max": "600"}
    async with sip_bench(tmp_path, profile=limits) as running:
        brief = await ask(running, Expires="30")
        assert (brief.status, brief.headers.get("Min-Expires")) == (423, "60")
        long = await ask(running, Contact=f"{CONTACT};expires=9999")
        assert (long.headers.get("Contact") or "").endswith(";expires=600")
        gone = await ask(running, Contact=f"{CONTACT};expires=0")
        assert gone.status == 200
        assert not bound(running)
    async with sip_bench(tmp_path, profile={**OPEN, "sip-force-expires": "120"}) as running:
        assert ";expires=120" in ((await ask(running)).headers.get("Contact") or "")


async def test_an_older_request_changes_nothing(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=OPEN) as running:
        await ask(running, CSeq="10 REGISTER")
        late = await ask(running, CSeq="9 REGISTER", Expires="0")
        assert late.status == 500
        assert bound(running)


async def test_a_user_has_so_many_contacts_and_no_more(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=SEVERAL) as running:
        for number in range(MOST_CONTACTS):
            assert (await ask(running, Contact=f"<sip:{number}@192.0.2.10>")).status == 200
        refused = await ask(running, Contact="<sip:more@192.0.2.10>")
        assert refused.status == 403
        assert (await ask(running, Contact="<sip:0@192.0.2.10>")).status == 200
    one = {**SEVERAL, "max-registrations-per-extension": "1"}
    async with sip_bench(tmp_path, profile=one) as running:
        await ask(running)
        assert (await ask(running, Contact="<sip:more@192.0.2.10>")).status == 403


@pytest.mark.parametrize(
    "contact", ["<tel:+4930>", "<sip:", "<sip:a@b@c>", "<sip:1000@host:99999>"]
)
async def test_a_contact_that_cannot_be_called_is_refused(tmp_path: Path, contact: str) -> None:
    async with sip_bench(tmp_path, profile=OPEN) as running:
        assert (await ask(running, Contact=contact)).status == 400
        assert not len(running.sip.location)


async def test_a_path_is_kept_and_told_if_it_begins_at_the_sender(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=OPEN) as running:
        answer = await ask(running, Path=f"<sip:{ALICE[0]};lr>", Supported="path")
        assert answer.headers.get("Path") == f"<sip:{ALICE[0]};lr>"
        (binding,) = running.sip.location
        assert binding.path == f"<sip:{ALICE[0]};lr>"
        assert (await ask(running, Path="<sip:203.0.113.1;lr>")).status == 403
    async with sip_bench(tmp_path, profile={**OPEN, "apply-proxy-acl": "here"}) as running:
        assert (await ask(running, Path="<sip:203.0.113.1;lr>")).status == 200


async def test_what_runs_out_is_told(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=OPEN) as running:
        await ask(running, Expires="60")
        profile = running.profile
        now = profile.wall_clock()
        running.sip.location.expire(
            now + 121, lambda item: profile.registrar.tell_gone(item, "sofia::expire", "expired")
        )
        assert running.events("sofia::expire")[0]["user"] == "1000"


async def test_one_phone_has_one_contact_where_call_ids_tell_phones_apart(tmp_path: Path) -> None:
    several = {**OPEN, "multiple-registrations": "true"}
    async with sip_bench(tmp_path, profile=several) as running:
        await ask(running)
        moved = "<sip:1000@192.0.2.10:7000>"
        await ask(running, Contact=moved)
        running.alice.ask("REGISTER", call_id="another phone", Contact="<sip:1000@192.0.2.11>")
        await running.settle()
        assert set(bound(running)) == {moved.strip("<>"), "sip:1000@192.0.2.11"}


async def test_a_phone_with_several_flows_keeps_each_once(tmp_path: Path) -> None:
    outbound = {**OPEN, "enable-rfc-5626": "true"}
    one = '<sip:1000@10.0.0.5;ob>;reg-id=1;+sip.instance="<urn:uuid:1>"'
    two = '<sip:1000@10.0.0.6;ob>;reg-id=2;+sip.instance="<urn:uuid:1>"'
    async with sip_bench(tmp_path, profile=outbound) as running:
        answer = await ask(running, Contact=one, Supported="path, outbound", Require="outbound")
        assert (answer.status, answer.headers.get("Require")) == (200, "outbound")
        await ask(running, Contact=two)
        assert len(bound(running)) == 2
        await ask(running, Contact=one.replace("10.0.0.5", "10.0.0.7"))
        assert set(bound(running)) == {"sip:1000@10.0.0.6;ob", "sip:1000@10.0.0.7;ob"}


async def test_a_user_may_have_limits_of_its_own(tmp_path: Path) -> None:
    own = DIRECTORY.replace(
        '<param name="password" value="secret"/>',
        '<param name="password" value="secret"/>'
        '<param name="max-registrations-per-extension" value="1"/>'
        '<param name="sip-force-expires" value="90"/>',
        1,
    ).replace(
        '<variable name="user_context"',
        '<variable name="sip-force-contact" value="NDLB-connectile-dysfunction"/>'
        '<variable name="user_context"',
        1,
    )
    several = {"multiple-registrations": "contact"}
    async with sip_bench(tmp_path, profile=several, directory=own) as running:
        answer = await running.register(running.alice, Contact="<sip:1000@10.0.0.5>")
        assert answer.headers.get("Contact") == "<sip:1000@10.0.0.5>;expires=90"
        (contact,) = running.sip.contacts("1000", DOMAIN)
        assert contact == f"sofia/internal/sip:1000@{ALICE[0]}:{ALICE[1]}"
        more = await running.register(running.alice, Contact="<sip:1000@10.0.0.6>")
        assert more.status == 403


async def test_a_user_may_be_kept_from_registering(tmp_path: Path) -> None:
    own = DIRECTORY.replace(
        '<param name="password" value="secret"/>',
        '<param name="password" value="secret"/><param name="sip-forbid-register" value="true"/>',
        1,
    )
    async with sip_bench(tmp_path, directory=own) as running:
        assert (await running.register(running.alice)).status == 403
        assert not bound(running)


async def test_lifetimes_spread_and_late_refreshes_are_forgiven(tmp_path: Path) -> None:
    spread = {
        **OPEN,
        "sip-expires-max-deviation": "30",
        "sip-expires-late-margin": "10",
        "NDLB-expires-in-register-response": "true",
    }
    async with sip_bench(tmp_path, profile=spread) as running:
        seen = set()
        for _ in range(20):
            answer = await ask(running, Expires="300")
            seconds = int(answer.headers.get("Expires") or "0")
            assert 270 <= seconds <= 330
            assert f";expires={seconds}" in (answer.headers.get("Contact") or "")
            seen.add(seconds)
        assert len(seen) > 3
        (binding,) = running.sip.location
        left = binding.expires - running.profile.wall_clock()
        assert abs(left - seconds - 10) < 2


@pytest.mark.parametrize(
    ("wanted", "agent", "status"),
    [
        ("^Acme", "Acme 300", 200),
        ("^Acme", "acme", 403),
        ("(?i)acme|other", "The ACME", 200),
        ("^Acme", "", 403),
        ("^$", "", 200),
        # One that cannot be read lets nobody in.
        ("(", "Acme", 403),
    ],
)
async def test_phones_of_other_makers_stay_outside(
    tmp_path: Path, wanted: str, agent: str, status: int
) -> None:
    async with sip_bench(tmp_path, profile={**OPEN, "user-agent-filter": wanted}) as running:
        headers = {"User_Agent": agent} if agent else {}
        assert (await ask(running, **headers)).status == status


async def test_registrations_may_be_kept_under_another_domain(tmp_path: Path) -> None:
    forced = {"force-register-db-domain": "cluster.test"}
    async with sip_bench(tmp_path, profile=forced) as running:
        assert (await running.register(running.alice)).status == 200
        assert bound(running, realm="cluster.test") == [CONTACT.strip("<>")]
        assert not bound(running)
        # The password is that of the domain of To.
        assert next(iter(running.sip.location)).auth_realm == DOMAIN


async def test_a_challenge_is_good_for_so_many_requests(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"max-auth-validity": "2"}) as running:
        running.alice.ask("REGISTER", call_id="reg")
        await running.settle()
        (challenge,) = running.alice.response(401).headers.all("WWW-Authenticate")
        statuses = []
        for count in (1, 2, 3):
            value = answer(
                [challenge],
                method="REGISTER",
                uri=f"sip:{DOMAIN}",
                username="1000",
                password="secret",
                cnonce="c",
                nonce_count=count,
            )
            statuses.append((await ask(running, Authorization=value)).status)
        assert statuses == [200, 200, 401]
