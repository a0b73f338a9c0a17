"""Do-not-disturb and forwarding: set at a phone, told to scripts, and back to the phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endpoints.sip.presence.watching import MANAGED, told, watch
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time
DND = (
    '<SetDoNotDisturb xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed3">'
    "<device>x</device><doNotDisturbOn>true</doNotDisturbOn></SetDoNotDisturb>"
)


async def test_a_phone_sets_do_not_disturb(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        answer, first = await watch(running, running.alice, "1000", "as-feature-event")
        assert first is not None and not first.body
        running.alice.ask(
            "SUBSCRIBE",
            body=DND,
            within=answer,
            Event="as-feature-event",
            Expires="600",
            Content_Type="application/x-as-feature-event+xml",
        )
        await running.settle()
        running.alice.response(200)
        event = running.events("PHONE_FEATURE_SUBSCRIBE")[-1]
        assert (event["Feature-Action"], event["doNotDisturbOn"]) == ("SetDoNotDisturb", "true")
        await told(running, running.alice)
        running.switch.publish(
            "PHONE_FEATURE",
            {
                "user": "1000",
                "host": "example.test",
                "doNotDisturbOn": "true",
                "forward_immediate_enabled": "true",
                "forward_immediate": "2000",
            },
        )
        notify = await told(running, running.alice)
        assert notify.content_type == "multipart/mixed"
        assert b"<doNotDisturbOn>true</doNotDisturbOn>" in notify.body
        assert b"<forwardTo>2000</forwardTo>" in notify.body
