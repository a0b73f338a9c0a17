"""Ten thousand calls of SIPp: the records of all forms and Prometheus' counters agree with it.

``python -m tests.load.ledger [CALLS [RATE]]`` makes what `tests.interop.test_call_records`
makes with two hundred calls.
"""

from __future__ import annotations

import os
import sys

import pytest


def main(arguments: list[str]) -> int:
    """Run it; the exit status of pytest."""
    given = dict(enumerate(arguments))
    calls, rate = given.get(0, "10000"), given.get(1, "50")
    os.environ["SOFTSWITCH_LEDGER_CALLS"] = calls
    os.environ["SOFTSWITCH_LEDGER_RATE"] = rate
    return int(pytest.main(["-q", "tests/interop/test_call_records.py"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
