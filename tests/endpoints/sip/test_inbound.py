"""Calls that come in: who may, and what the new channel knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.sip_bench import ALICE, DIRECTORY, SWITCH, credentials, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

ANSWER = extension("9196", "answer", "park")
ANY = extension("(.*)", "set heard=$1", "set again=${destination_number}", "answer", "park")
PASSWORD = {"auth-calls": "true"}


@pytest.mark.parametrize("number", ["%24%7Bhostname%7D", "${hostname}", "%24%5C%7Bhostname%7D"])
async def test_a_dialled_reference_is_never_expanded(tmp_path: Path, number: str) -> None:
    async with sip_bench(tmp_path, ANY) as running:
        _, session = await running.call(
            number,
            From=f'"${{hostname}}" <sip:{number}@example.test>;tag=1000-tag',
            User_Agent="${hostname}",
            X_Evil="${hostname}",
            Subject="a ${hostname}",
        )
        profile = session.channel.profile
        assert profile.destination_number.startswith("%")
        assert session.get("heard") == profile.destination_number
        assert session.get("again") == profile.destination_number
        assert "${" not in profile.caller_id_name + profile.caller_id_number
        for name in ("sip_user_agent", "sip_subject", "sip_h_X-Evil"):
            assert session.get(name) is None
        for name, value in session.channel.variables:
            assert "${" not in value, name


async def test_the_channel_knows_what_the_invite_said(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196", From='"Alice" <sip:1000@example.test:5062>;tag=t')
        profile = session.channel.profile
        assert session.channel.name == "sofia/internal/1000@example.test:5062"
        assert profile.destination_number == "9196"
        assert (profile.caller_id_name, profile.caller_id_number) == ("Alice", "1000")
        assert profile.network_addr == ALICE[0]
        assert (profile.source, profile.dialplan) == ("mod_sofia", "XML")
        assert session.get("endpoint_disposition") == "ANSWER"


@pytest.mark.parametrize(
    ("uri", "to", "sender", "number"),
    [
        ("", "<sip:example.test>", "<sip:example.test>;tag=a", "service"),
        ("", "<sip:example.test>", "<sip:1000@example.test>;tag=a", "1000"),
        ("", "<sip:+49301@example.test>", "<sip:1000@example.test>;tag=a", "+49301"),
        ("tel:+49-(30).1", "<tel:+49-30-2>", "<sip:1000@example.test>;tag=a", "+49301"),
        ("sip:1;cpc=x@example.test", "<sip:2@example.test>", "<sip:3@a.test>;tag=a", "1;cpc=x"),
    ],
)
async def test_who_is_called_is_told_by_request_uri_to_or_from(
    tmp_path: Path, uri: str, to: str, sender: str, number: str
) -> None:
    async with sip_bench(tmp_path, extension(re.escape(number), "park")) as running:
        running.alice.ask("INVITE", "", sdp(), uri=uri, To=to, From=sender)
        await running.settle()
        assert running.session.channel.profile.destination_number == number
        running.session.hangup()


async def test_the_kind_of_line_and_a_bare_number_are_the_callers(tmp_path: Path) -> None:
    sender = '"A" <sip:+49301;phone-context=x@example.test;isup-oli=27>;tag=a'
    async with sip_bench(tmp_path, extension("9196", "park")) as running:
        _, session = await running.invite("9196", From=sender)
        caller = session.channel.profile
        assert (caller.caller_id_number, caller.aniii) == ("+49301", "27")
        assert session.get("sip_name_params") == "phone-context=x"
        session.hangup()


async def test_a_user_may_have_a_dialplan_of_its_own(tmp_path: Path) -> None:
    directory = DIRECTORY.replace(
        '<variable name="toll_allow" value="local"/>',
        '<variable name="inbound_dialplan" value="inline"/>',
    )
    profile = {"auth-calls": "true"}
    async with sip_bench(tmp_path, profile=profile, directory=directory) as running:
        first = running.alice.ask("INVITE", "park", sdp(), call_id="one")
        await running.settle()
        value = credentials(running.alice.response(407), first, "1000", "secret")
        headers = {"Proxy-Authorization": value}
        running.alice.ask("INVITE", "park", sdp(), call_id="one", cseq=9, **headers)
        await running.settle()
        assert running.session.channel.profile.dialplan == "inline"
        running.session.hangup()


async def test_the_whole_address_is_the_destination_where_wished(tmp_path: Path) -> None:
    full = {"full-id-in-dialplan": "true"}
    async with sip_bench(tmp_path, extension("9196@example.test", "park"), profile=full) as running:
        _, session = await running.invite("9196")
        assert session.channel.profile.destination_number == "9196@example.test"


async def test_an_asserted_identity_is_who_calls(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call(
            "9196",
            P_Asserted_Identity='"Boss" <sip:5551@example.test>',
            Privacy="id",
        )
        profile = session.channel.profile
        assert (profile.caller_id_name, profile.caller_id_number) == ("Boss", "5551")
        assert profile.privacy_hide_name and profile.privacy_hide_number
        assert session.get("sip_cid_type") == "pid"
        assert session.get("sip_P-Asserted-Identity") == "5551"
        assert session.get("sip_from_user") == "1000"


async def test_a_preferred_identity_stays_with_us(tmp_path: Path) -> None:
    whole = {"p-asserted-id-parse": "verbatim"}
    async with sip_bench(tmp_path, ANSWER, profile=whole) as running:
        preferred, asserted = "<sip:5552@example.test>", "<sip:5551@example.test>"
        _, session = await running.call(
            "9196", P_Preferred_Identity=preferred, P_Asserted_Identity=asserted
        )
        assert session.channel.profile.caller_id_number == "5552"
        assert session.get("sip_P-Preferred-Identity") == preferred
        assert session.get("sip_P-Asserted-Identity") == asserted
        assert not session.channel.variables.with_prefix("sip_h_")


async def test_whoever_is_in_no_access_list_is_refused_where_no_password_is_asked(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path, ANSWER, profile={"apply-inbound-acl": "elsewhere"}) as running:
        running.alice.ask("INVITE", "9196", sdp())
        running.alice.response(403)
        assert running.profile.calls_in_failed == 1


async def test_an_access_list_lets_in_without_a_password(tmp_path: Path) -> None:
    lists = {**PASSWORD, "apply-inbound-acl": "here"}
    async with sip_bench(tmp_path, ANSWER, profile=lists) as running:
        _, session = await running.call("9196")
        assert session.get("sip_acl_authed_by") == "here"
        assert session.get("sip_authorized") == "true"


async def test_an_access_list_may_say_which_user_an_address_is(tmp_path: Path) -> None:
    domain = (
        '<domain name="example.test"><user id="1000" cidr="192.0.2.10/32"><variables>'
        '<variable name="toll_allow" value="all"/><variable name="user_context" value="inner"/>'
        "</variables></user></domain>"
    )
    acl = (
        '<configuration name="acl.conf"><network-lists><list name="domains" default="deny">'
        '<node type="allow" domain="example.test"/></list></network-lists></configuration>'
    )
    inner = f'<context name="inner">{ANSWER}</context>'
    async with sip_bench(
        tmp_path,
        profile={**PASSWORD, "apply-inbound-acl": "domains"},
        access_lists=acl,
        directory=domain,
        contexts=inner,
    ) as running:
        _, session = await running.call("9196")
        assert session.get("sip_acl_token") == "1000@example.test"
        assert session.get("toll_allow") == "all"
        assert session.channel.profile.context == "inner"


async def test_a_password_makes_a_caller_a_user(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=PASSWORD) as running:
        request = running.alice.ask("INVITE", "9196", sdp(), call_id="auth", cseq=1)
        challenge = running.alice.response(407)
        assert not running.switch.sessions
        running.alice.ask("ACK", within=challenge, cseq=1, Via=request.headers.get("Via") or "")
        value = credentials(challenge, request, "1000", "secret")
        running.alice.ask("INVITE", "9196", sdp(), call_id="auth", Proxy_Authorization=value)
        await running.settle()
        running.alice.ack(running.alice.response(200))
        session = running.session
        assert session.get("sip_auth_username") == "1000"
        assert session.get("sip_auth_realm") == "example.test"
        assert session.get("user_name") == "1000"
        assert session.get("domain_name") == "example.test"
        assert session.get("toll_allow") == "local"
        assert session.channel.profile.username == "1000"


@pytest.mark.parametrize(
    ("realm", "status"), [("", "407"), ("example.test", "407"), ("example.test", "401")]
)
async def test_the_dialplan_may_ask_for_a_password(tmp_path: Path, realm: str, status: str) -> None:
    dialplan = f"""<extension name="1"><condition field="${{sip_authorized}}" expression="^true$">
        <action application="answer"/><action application="park"/>
        <anti-action application="set" data="sip_challenge_realm={realm}"/>
        <anti-action application="respond" data="{status}"/></condition></extension>"""
    async with sip_bench(tmp_path, dialplan) as running:
        request = running.alice.ask("INVITE", "9196", sdp(), call_id="auth", cseq=1)
        await running.settle()
        challenge = running.alice.response(407)
        running.alice.ask("ACK", within=challenge, cseq=1, Via=request.headers.get("Via") or "")
        value = credentials(challenge, request, "1000", "secret")
        running.alice.ask("INVITE", "9196", sdp(), call_id="auth2", Proxy_Authorization=value)
        await running.settle()
        running.alice.ack(running.alice.response(200))
        assert running.session.get("user_name") == "1000"


async def test_an_offer_that_no_codec_fits_is_refused_before_the_dialplan(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        running.alice.ask("INVITE", "9196", sdp(4000, "9"))
        assert "cause=88" in (running.alice.response(488).headers.get("Reason") or "cause=88")
        assert not running.switch.sessions


async def test_late_negotiation_leaves_the_choice_to_the_dialplan(tmp_path: Path) -> None:
    late = {"inbound-late-negotiation": "true"}
    choose = extension("9196", "set absolute_codec_string=G722", "answer", "park")
    async with sip_bench(tmp_path, choose, profile=late) as running:
        _, session = await running.invite("9196", sdp(4000, "9"))
        assert b"G722" in running.alice.response(200).body
        assert session.get("read_codec") == "G722"


async def test_a_body_that_is_no_description_is_refused(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        running.alice.ask("INVITE", "9196", "<xml/>", Content_Type="application/xml")
        refusal = running.alice.response(415)
        assert refusal.headers.get("Accept") == "application/sdp"


async def test_a_profile_takes_its_number_of_calls(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER, profile={"max-calls": "1"}) as running:
        await running.call("9196")
        running.alice.ask("INVITE", "9196", sdp())
        assert running.alice.response(503).reason == "Maximum Calls In Progress"


async def test_a_switch_that_takes_no_calls_says_when_to_come_back(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        running.switch.admission.max_sessions = 0
        running.alice.ask("INVITE", "9196", sdp())
        assert running.alice.response(503).headers.get("Retry-After") == "5"


GATEWAY = (
    '<gateway name="trunk"><param name="register" value="false"/>'
    '<param name="proxy" value="192.0.2.20"/><param name="extension" value="{}"/>'
    '<param name="context" value="trunks"/>'
    '<variables><variable name="origin" value="trunk" direction="inbound"/>'
    '<variable name="out" value="x" direction="outbound"/></variables></gateway>'
)
TRUNKS = f'<context name="trunks">{extension("4000", "park")}{extension("9196", "park")}</context>'


@pytest.mark.parametrize("uri", ["sip:gw+trunk@192.0.2.1", "sip:x@192.0.2.1;gw=trunk"])
async def test_a_call_to_a_gateways_contact_is_its_own(tmp_path: Path, uri: str) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY.format("4000"), contexts=TRUNKS) as running:
        _, session = await running.invite("9196", uri=uri)
        assert session.channel.profile.destination_number == "4000"
        assert session.channel.profile.context == "trunks"
        assert session.get("sip_gateway") == "trunk"
        assert session.get("origin") == "trunk"
        assert session.get("out") is None
        assert running.profile.gateways["trunk"].calls_in == 1


async def test_a_gateway_may_take_the_number_from_to(tmp_path: Path) -> None:
    gateways = GATEWAY.format("auto_to_user")
    async with sip_bench(tmp_path, gateways=gateways, contexts=TRUNKS) as running:
        _, session = await running.invite(
            "x", uri=f"sip:gw+trunk@{SWITCH[0]}", To="<sip:9196@example.test>"
        )
        assert session.channel.profile.destination_number == "9196"


async def test_the_callers_description_is_known_from_the_first_event_on(tmp_path: Path) -> None:
    loop = extension("9196", "bridge sofia/internal/1001@192.0.2.20:5064")
    async with sip_bench(tmp_path, loop) as running:
        await running.invite("9196")
        caller, called = running.events("CHANNEL_CREATE")
        assert caller["variable_switch_r_sdp"] == called["variable_switch_m_sdp"] == sdp()
        assert called["variable_originate_early_media"] == "true"


async def test_forwards_are_counted_down(tmp_path: Path) -> None:
    loop = extension("9196", "bridge sofia/internal/1001@192.0.2.20:5064")
    async with sip_bench(tmp_path, loop) as running:
        await running.invite("9196")
        assert running.bob.request("INVITE").max_forwards == 69
        running.alice.ask("INVITE", "9196", sdp(), Max_Forwards="0")
        await running.settle()
        running.alice.response(483)


TOKEN = {"apply-inbound-acl": "here", "apply-inbound-acl-x-token": "X-User"}
PROXY = {**PASSWORD, "apply-proxy-acl": "here", "apply-proxy-acl-x-token": "X-User"}


@pytest.mark.parametrize(
    ("settings", "told", "user"),
    [
        (TOKEN, "1000@example.test", "1000@example.test"),
        (TOKEN, "", None),
        (TOKEN, "1999@example.test", None),
        (PROXY, "1000@example.test", "1000@example.test"),
    ],
)
async def test_who_is_allowed_to_may_name_the_user_that_calls(
    tmp_path: Path, settings: dict[str, str], told: str, user: str | None
) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=settings) as running:
        _, session = await running.call("9196", X_User=told)
        assert session.get("sip_acl_token") == user
        assert session.get("toll_allow") == ("local" if told.startswith("1000") else None)


@pytest.mark.parametrize(
    ("settings", "caller", "told", "status"),
    [
        # A proxy that says nothing, and one that nobody knows, have to know a password.
        (PROXY, "1000", "", 407),
        ({**PROXY, "apply-proxy-acl": "elsewhere"}, "1000", "1000@example.test", 407),
        ({**TOKEN, "auth-require-user": "true"}, "1000", "1999@example.test", 480),
        ({**TOKEN, "auth-require-user": "true"}, "1000", "1000@example.test", 200),
        ({**PASSWORD, "accept-blind-auth": "true"}, "1999", "", 200),
        (
            {**PASSWORD, "accept-blind-auth": "true", "enforce-blind-auth-result": "true"},
            "1000",
            "",
            200,
        ),
        (
            {**PASSWORD, "accept-blind-auth": "true", "enforce-blind-auth-result": "true"},
            "1999",
            "",
            407,
        ),
        (
            {
                **PASSWORD,
                "accept-blind-auth": "true",
                "enforce-blind-auth-result": "true",
                "blind-auth-reply-403": "true",
            },
            "1999",
            "",
            403,
        ),
        ({"profile-standby": "true"}, "1000", "", 503),
    ],
)
async def test_who_gets_in(
    tmp_path: Path, settings: dict[str, str], caller: str, told: str, status: int
) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=settings) as running:
        party = running.party(caller)
        party.ask("INVITE", "9196", sdp(), X_User=told)
        await running.settle()
        party.response(status)


@pytest.mark.parametrize(("counts", "status"), [("true", 403), ("false", 200)])
async def test_the_port_of_an_access_list_counts_where_wished(
    tmp_path: Path, counts: str, status: int
) -> None:
    ports = (
        '<configuration name="acl.conf"><network-lists><list name="here" default="deny">'
        '<node type="allow" cidr="192.0.2.0/24" port="9999"/></list></network-lists>'
        "</configuration>"
    )
    wish = {"apply-inbound-acl": "here", "use-port-for-acl-check": counts}
    async with sip_bench(tmp_path, ANSWER, profile=wish, access_lists=ports) as running:
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        running.alice.response(status)


async def test_calls_without_srtp_are_refused_where_it_is_required(tmp_path: Path) -> None:
    wish = {"require-secure-rtp": "true"}
    async with sip_bench(tmp_path, ANSWER, profile=wish) as running:
        running.alice.ask("INVITE", "9196", sdp())
        await running.settle()
        running.alice.response(488)
        key = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}"
        secure = sdp(4000, "0 101", key).replace("RTP/AVP", "RTP/SAVP")
        running.alice.ask("INVITE", "9196", secure)
        await running.settle()
        assert b"RTP/SAVP" in running.alice.response(200).body
        invite, _ = await running.dial("sofia/internal/1001@192.0.2.20:5064")
        assert b"RTP/SAVP" in invite.body
        running.bob.answer(invite, 486)
