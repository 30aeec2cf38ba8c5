#!/usr/bin/env python3
"""Asks the proxies of generated bundles everything the profile promises, over real TLS, from two client networks.

    sudo .tools/venv/bin/python tests/behaviour/proxy [-v] [PROXY[/CASE[/SUBJECT]] …]

as in `nginx/strict/rates` or `*/private`; without words, all of it. The bundles run on the rig's Docker engine; `$STOCKADE`
is the tool that makes them, else the debug build. Exit status: 0 all as expected, 1 a check failed."""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lab import run_all  # noqa: E402
from ledger import Ledger  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["*"], metavar="PROXY/CASE/SUBJECT", help="parts of the table")
    parser.add_argument("-v", "--verbose", action="store_true", help="names the checks that hold as well")
    options = parser.parse_args()
    ledger, start = Ledger(options.verbose), time.monotonic()
    run_all(options.parts, ledger)
    good = ledger.compared - len(ledger.failures)
    print(f"{good} of {ledger.compared} as expected ({time.monotonic() - start:.0f} s)")
    return 1 if ledger.failures or not ledger.compared else 0


if __name__ == "__main__":
    sys.exit(main())
