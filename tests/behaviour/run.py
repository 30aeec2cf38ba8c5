#!/usr/bin/env python3
"""Brings generated bundles up on a Docker engine of its own and checks how they behave.

    python3 tests/behaviour/run.py              everything
    python3 tests/behaviour/run.py -k nginx     what has `nginx` in its name
    python3 tests/behaviour/run.py --list       the names

Needs root, what tests/setup installs, and a build (`cargo build`; or the program's path in $STOCKADE). The machine's own
Docker, firewall rules and networks are not touched; nothing is left running. Evidence of failures lies in target/behaviour.
"""

import argparse
import shutil
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from rig import shared
from rig.process import Failure


def cases(suite):
    """The tests of a suite, one by one."""
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases(item)
        else:
            yield item


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-k", dest="names", action="append", help="only tests whose name holds this; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the names and end")
    parser.add_argument("--fail-fast", action="store_true", help="end at the first failure")
    options = parser.parse_args()

    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{name}*" for name in options.names] if options.names else None
    suite = loader.discover(str(HERE), pattern="test_*.py", top_level_dir=str(HERE))
    if options.list:
        print("\n".join(case.id() for case in cases(suite)))
        return 0
    shutil.rmtree(shared.Result.folder, ignore_errors=True)
    began = time.monotonic()
    runner = unittest.TextTestRunner(verbosity=2, resultclass=shared.Result, failfast=options.fail_fast)
    try:
        result = runner.run(suite)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        shared.close()
    bad = len({case.id().split(" ")[0] for case, _ in result.failures + result.errors})
    print(f"behaviour: {time.monotonic() - began:.0f} s")
    if not result.testsRun:
        print("no test has this name", file=sys.stderr)
        return 1
    print(f"{max(result.testsRun - bad, 0)} passed, {bad} failed")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
