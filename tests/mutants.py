#!/usr/bin/env python3
"""Makes the changes of tests/mutants.yaml, one at a time, and tells which of them the tests do not notice.

    sudo .tools/venv/bin/python tests/mutants.py proxies [WORD …]     in running bundles; nginx, `burst`, `cross_site`
    .tools/venv/bin/python tests/mutants.py sources [WORD …]          in a copy of the source, built and tested there
    sudo .tools/venv/bin/python tests/mutants.py firewalls KIND …     every rule of tests/behaviour/firewalls.py

Only changes that hold one of the words. Exit status: 0 all were noticed, 1 some were not, or say nothing because the change
does not work.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
BEHAVIOUR = ROOT / "tests/behaviour"
sys.path[:0] = [str(BEHAVIOUR / "proxy"), str(BEHAVIOUR)]
sys.dont_write_bytecode = True


def told(words, *texts):
    return not words or any(word in text for word in words for text in texts)


def say(verdict, name, began, why=""):
    print(f"{verdict:<6} {name} ({time.monotonic() - began:.0f} s){f': {why}' if why else ''}", flush=True)
    return verdict != "seen"


def proxies(table, words):
    """Changes the running configuration of the richest case, as an everyday run asks it."""
    import cases
    import checks
    import lab as labs
    import rig
    from ledger import Ledger, checks_of
    from place import Place, engine, prepare

    subjects, bad, asked = {labs.title(it): it for it in checks.SUBJECTS}, 0, 0
    with engine() as host:
        prepare(host)
        for kind, mutants in table.items():
            mutants = [it for it in mutants if told(words, kind, it["name"], it["seen"])]
            if not mutants:
                continue
            case = cases.Case("private", kind, host)
            with rig.Stack(host, case.bundle) as stack:
                place = Place(host, stack, host.folder)
                folder = case.bundle.path

                def answers():
                    """Whether the proxy serves the dashboard, with a password or without."""
                    client = labs.Lab(case, place, Ledger(), 4).admin
                    return client.ask(case.want.manager, "/page", password=False).status in (200, 401)

                def noticed(subject):
                    """The first check of a subject that fails."""
                    ledger = Ledger()
                    for check in checks_of(subjects[subject]):
                        for family in check.families:
                            lab = labs.Lab(case, place, ledger, family)
                            lab.peers = {case.name: case.want}
                            if check.when(lab) and not ledger.failures:
                                silent(ledger.run, f"{check.__name__}, IPv{family}", check, lab)
                    return ledger.failures[0].splitlines()[0] if ledger.failures else ""

                for subject in sorted({it["seen"] for it in mutants}):
                    place.wait_for("the proxy answers", answers)
                    if wrong := noticed(subject):
                        raise rig.Failure(f"{kind}, unchanged: {subject}: {wrong}")
                for mutant in mutants:
                    began, asked = time.monotonic(), asked + 1
                    at = folder / mutant["file"]
                    files = {file: file.read_text() for file in (sorted(at.iterdir()) if at.is_dir() else [at])}
                    changed = {file: re.sub(mutant["old"], mutant.get("new") or "", text, flags=re.M) for file, text in files.items()}
                    name = f"{kind}: {mutant['name']}"
                    if changed == files:
                        bad += say("STALE", name, began, "nothing is changed")
                        continue
                    put(changed)
                    host.docker("restart", "--time", "2", place.proxy)
                    try:
                        place.wait_for("the proxy answers", answers, 15)
                        why = noticed(mutant["seen"])
                        bad += say("seen" if why else "MISSED", name, began, why[:150])
                    except rig.Failure:
                        bad += say("BROKEN", name, began, "the proxy does not start or serves nothing")
                    finally:
                        put(files)
                        host.docker("restart", "--time", "2", place.proxy)
                        place.wait_for("the proxy answers", answers)
    return asked, bad


def put(files):
    for file, text in files.items():
        file.write_text(text)  # in place: what is mounted is this very file


def silent(run, *arguments):
    """Runs without what it prints."""
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        run(*arguments)


def sources(mutants, words):
    """Changes a copy of the tree, which keeps its own build."""
    mutants = [it for it in mutants if told(words, it["file"], it["name"], it["seen"])]
    copy, build, bad = ROOT / "target/mutants/tree", ROOT / "target/mutants/build", 0
    shutil.rmtree(copy, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source = ROOT / name
        if source.is_file() and not source.is_symlink():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy / name)
    (copy / ".tools").symlink_to(ROOT / ".tools")
    seed(build)
    environment = {**os.environ, "CARGO_TARGET_DIR": str(build), "PROPTEST_RNG_SEED": os.environ.get("PROPTEST_RNG_SEED", "1")}

    def cargo(*words):
        return subprocess.run(["cargo", "nextest", "run", *words], cwd=copy, env=environment, capture_output=True, text=True)

    for mutant in mutants:
        began, file = time.monotonic(), copy / mutant["file"]
        text = file.read_text()
        if text.count(mutant["old"]) != 1:
            bad += say("STALE", mutant["name"], began, f"`{mutant['old']}` is there {text.count(mutant['old'])} times")
            continue
        file.write_text(text.replace(mutant["old"], mutant["new"]))
        try:
            if (done := cargo("--no-run")).returncode:
                bad += say("BROKEN", mutant["name"], began, done.stderr[-500:])
                continue
            done = cargo("-E", mutant["seen"])
            failed = re.findall(r"^ +FAIL .*\) (.*)$", done.stderr, re.M)
            bad += say("seen" if failed else "MISSED", mutant["name"], began, "; ".join(dict.fromkeys(failed))[:150] or done.stderr[-300:])
        finally:
            file.write_text(text)
    return len(mutants), bad


def seed(build):
    """Dependencies are built already, and the copy may have them."""
    for part in ("deps", "build", ".fingerprint"):
        own, ours = build / "debug" / part, ROOT / "target/debug" / part
        if ours.is_dir() and not own.exists():
            shutil.copytree(ours, own, symlinks=True, ignore=shutil.ignore_patterns("*stockade*", "all-*"))


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in ("proxies", "sources", "firewalls"):
        sys.exit(__doc__)
    what, words = sys.argv[1], sys.argv[2:]
    if what == "firewalls":
        kinds = words or ["nftables", "iptables", "ufw", "firewalld"]
        codes = [subprocess.run([sys.executable, BEHAVIOUR / "mutants.py", kind], check=False).returncode for kind in kinds]
        sys.exit(max(codes))
    table = yaml.safe_load((ROOT / "tests/mutants.yaml").read_text())
    asked, bad = (proxies if what == "proxies" else sources)(table[what], words)
    print(f"{asked - bad} of {asked} noticed")
    sys.exit(1 if bad or not asked else 0)


if __name__ == "__main__":
    main()
