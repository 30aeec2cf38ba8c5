"""Every kind of check, on a clean machine with two cores.

    bash tests/run             for everybody: formats, lints, documents, runs every test, boots a bundle, asks a proxy of each
                               kind and a firewall of each kind on a real engine
    bash tests/run --full      what CI runs: every bundle, proxy and firewall
    bash tests/run PART…       only these; --full for all there is of them

A part that fails hides no other: all are run, and the table at the end tells which failed. Their output is in target/suite/.
Exit status: 0 all is well, 1 a part failed, 2 there is no such part.
"""

import argparse
import fcntl
import os
import signal
import sys
import time

from parts import PARTS, ROOT
from runner import LOGS, Runner


def arguments():
    names = "\n".join(f"  {part.name:<24} {part.what}{'' if part.everyday else ' (--full)'}" for part in PARTS)
    parser = argparse.ArgumentParser(prog="tests/run", description=__doc__, epilog=f"parts:\n{names}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter, add_help=True)
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to run, as in the list below")
    parser.add_argument("--full", action="store_true", help="everything, as in CI")
    options = parser.parse_args()
    unknown = [name for name in options.parts if name not in {part.name for part in PARTS}]
    if unknown:
        parser.error(f"there is no part {', '.join(f'`{name}`' for name in unknown)}; --help names them")
    return options


def chosen(options):
    """The parts to run, with the build where one needs it; `setup` is left out where parts are named."""
    if not options.parts:
        return [part for part in PARTS if options.full or part.everyday]
    named = {part.name for part in PARTS if part.name in options.parts}
    if any("build" in part.after for part in PARTS if part.name in named):
        named.add("build")
    return [part for part in PARTS if part.name in named]


def table(ended, whole):
    """Step, tests, seconds, seconds of the processor, and its share of all seconds, which are more than those of the clock: parts
    run beside each other."""
    total = sum(one.seconds for one in ended) or 1
    print(f"\n{'step':<26}{'tests':>8}{'seconds':>9}{'busy':>8}{'share':>8}")
    for one in ended:
        tests = "-" if one.tests is None else str(one.tests)
        print(f"{one.part.name:<26}{tests:>8}{one.seconds:>9.0f}{one.busy:>8.0f}{one.seconds / total:>8.0%}"
              f"{f'  FAILED: {one.why}' if one.why else ''}")
    tests = sum(one.tests or 0 for one in ended)
    failed = [one for one in ended if one.why]
    print(f"{'by the clock':<26}{tests:>8}{whole:>9.0f}{sum(one.busy for one in ended):>8.0f}\n")
    print(f"{len(failed)} of {len(ended)} parts failed" if failed else "all is well", flush=True)
    return 1 if failed else 0


def main():
    options = arguments()
    LOGS.mkdir(parents=True, exist_ok=True)
    lock = (LOGS / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("tests/run: another run in this folder is not finished; waiting for it", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.environ["PATH"] = f"{ROOT}/.tools/bin:{os.environ['PATH']}"
    # The same cases in every run; another number tries others.
    os.environ.setdefault("PROPTEST_RNG_SEED", "1")
    os.environ.setdefault("CARGO_TERM_COLOR", "never")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    os.chdir(ROOT)
    began = time.monotonic()
    ended = Runner(chosen(options), options.full).run()
    return table(ended, time.monotonic() - began)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
