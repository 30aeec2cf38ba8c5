"""Runs parts beside each other. What one does to fail hides no other."""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from parts import ROOT

LOGS = ROOT / "target/suite"
# Above the longest part on a slow machine, below what CI allows to all of them.
HANGS = 75 * 60
# Lines of a failure that are shown; the log has them all.
SHOWN = 150


@dataclass
class Ended:
    """How a part ended; `why` tells what went wrong."""

    part: object
    seconds: float = 0.0
    # Of the processor, of what it started and waited for.
    busy: float = 0.0
    tests: int | None = None
    why: str = ""


class Runner:
    """Starts each part as soon as it may: one that computes at a time, beside it as many that wait as there are processors."""

    def __init__(self, parts, full):
        self.waiting, self.full = list(parts), full
        self.named = {part.name for part in parts}
        self.running, self.ended = {}, {}
        self.lanes = {"computes": 1, "waits": os.cpu_count() or 1}

    def run(self):
        """All parts to their ends; how each ended, in the order of the list."""
        order = list(self.waiting)
        try:
            while self.waiting or self.running:
                self._start()
                self._collect()
        finally:
            for child, *_ in self.running.values():
                end(child, signal.SIGTERM)
        return [self.ended[part.name] for part in order]

    def _start(self):
        for part in list(self.waiting):
            needs = [name for name in part.after if name in self.named]
            if any(name not in self.ended for name in needs):
                continue
            lost = [f"`{name}` failed" for name in needs if self.ended[name].why]
            lost += [f"`{tool}` is missing; run tests/setup" for tool in part.tools if not shutil.which(tool)]
            if lost:
                self.waiting.remove(part)
                self._end(Ended(part, why=f"not run: {', '.join(lost)}"))
            elif sum(other.lane == part.lane for _, other, *_ in self.running.values()) < self.lanes[part.lane]:
                self.waiting.remove(part)
                self.running[part.name] = (self._child(part), part, time.monotonic())
                print(f"   start {part.name}: {part.what}", flush=True)

    def _child(self, part):
        LOGS.mkdir(parents=True, exist_ok=True)
        log = (LOGS / f"{part.name}.log").open("wb")
        # The commands in turn, as one process group that can be ended.
        script = " && ".join(f'"${{@:{at}:{count}}}"' for at, count in places(part.commands(self.full)))
        words = [word for command in part.commands(self.full) for word in command]
        return subprocess.Popen(["bash", "-c", script, "part", *words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
                                stderr=subprocess.STDOUT, env={**os.environ, **part.environment}, start_new_session=True,
                                preexec_fn=end_with_us)

    def _collect(self):
        for name, (child, part, began) in list(self.running.items()):
            seconds = time.monotonic() - began
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = os.waitstatus_to_exitcode(status)
            elif seconds < HANGS:
                continue
            else:
                end(child, signal.SIGTERM)
            del self.running[name]
            said = (LOGS / f"{name}.log").read_bytes()
            why = "" if child.returncode == 0 else f"status {child.returncode}"
            if seconds >= HANGS:
                why = f"ended after {HANGS // 60} minutes"
            tests = counted(part.count, said) if part.count else None
            if not why and part.count and not tests:
                why = "no test was run"
            self._end(Ended(part, seconds, usage.ru_utime + usage.ru_stime, tests, why), said)
        time.sleep(0.1)

    def _end(self, ended, said=b""):
        self.ended[ended.part.name] = ended
        if ended.why:
            lines = said.decode(errors="replace").splitlines()
            print("\n".join(["", f"== {ended.part.name}: {ended.why}", *lines[-SHOWN:]]))
            if len(lines) > SHOWN:
                print(f"all {len(lines)} lines: {LOGS / ended.part.name}.log")
            print(flush=True)
        else:
            tests = f", {ended.tests} tests" if ended.tests else ""
            print(f"      ok {ended.part.name}: {ended.seconds:.0f} s{tests}", flush=True)


def places(commands):
    """Where each command stands among all words, from 1 on, and how many it has."""
    at = 1
    for command in commands:
        yield at, len(command)
        at += len(command)


def counted(pattern, said):
    """Tests of all the summaries in an output."""
    return sum(int(number) for found in pattern.finditer(said) for number in found.groupdict().values())


def end(child, number):
    """Ends a part with all it started, and waits for it."""
    for signal_number, patience in ((number, 60), (signal.SIGKILL, None)):
        try:
            os.killpg(child.pid, signal_number)
        except ProcessLookupError:
            pass
        try:
            child.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue


def end_with_us():
    """The kernel ends the child when this process ends, however it ends."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
