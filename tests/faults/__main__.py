"""Ends a run of `stockade generate` at every call that changes the bundle, in turn and by every fault, and asks each time: does
`--check` call what is left up to date only where it is; does the next run end where an uninterrupted one does; is every secret
still there.

    python3 -B tests/faults target/debug/stockade            a sample, some seconds
    python3 -B tests/faults target/debug/stockade --full     all
    python3 -B tests/faults target/debug/stockade --full fresh edit
    python3 -B tests/faults target/debug/stockade --runs 10000     only concurrent runs
"""

import argparse
import collections
import multiprocessing
import os
import sys
import time

import interruptions
import together
from situations import SITUATIONS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("situations", nargs="*", help=", ".join(one.name for one in SITUATIONS))
    parser.add_argument("--full", dest="depth", action="store_const", const="full", default="everyday",
                        help="every call: killed, and failing in one of four ways; every other state of a power cut")
    parser.add_argument("--all", dest="depth", action="store_const", const="all", help="every call by every fault; takes half an hour")
    parser.add_argument("--runs", type=int, help="so many concurrent runs, and nothing else")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--keep", action="store_true", help="show every failure, not the first of each kind")
    asked = parser.parse_intermixed_args()
    program = os.path.realpath(asked.program)
    began = time.time()
    tasks = []
    if not asked.runs:
        chosen = [one for one in SITUATIONS if not asked.situations or one.name in asked.situations]
        for one in chosen:
            if asked.depth != "everyday" or one.everyday or asked.situations:
                tasks += [(interruptions.run, (program, one.name, kind, asked.depth)) for kind in interruptions.KINDS]
    if not asked.situations or asked.runs:
        tasks.append((together.run, (program, asked.runs or (60 if asked.depth == "everyday" else 400))))
    counts, failures = collections.Counter(), []
    with multiprocessing.Pool(asked.jobs, maxtasksperchild=1) as pool:
        running = [pool.apply_async(function, arguments) for function, arguments in tasks]
        for result in running:
            done = result.get()
            counts[done.name] += done.ended
            counts["states"] += done.states
            failures += done.failures
            print(f"{time.time() - began:6.1f} s  {done}", flush=True)
    seen = collections.Counter()
    for kind, where, text in failures:
        seen[kind] += 1
        if asked.keep or seen[kind] <= 5:
            print(f"\n{kind}: {where}\n{text}", file=sys.stderr)
    ended = sum(count for name, count in counts.items() if name != "states")
    print(", ".join(f"{count} {name}" for name, count in counts.items() if name != "states"), f"; {counts['states']} states judged")
    print("; ".join(f"{seen[kind]} {kind}" for kind in ("lost", "mixed", "unhealed")))
    print(f"{ended - len(failures)} passed, {len(failures)} failed")
    return 1 if failures or not ended else 0


if __name__ == "__main__":
    sys.exit(main())
