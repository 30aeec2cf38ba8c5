"""One situation, interrupted at each call; and what is asked of the states that this leaves."""

import errno
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field

import power
import trees
from situations import SITUATIONS
from syscalls import Run

# An error once, and a disk that is full, or read-only, from then on.
ONCE = {"EIO": errno.EIO, "EACCES": errno.EACCES}
FROM_THEN_ON = {"ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS}
KINDS = ["kill", "power", *ONCE, *FROM_THEN_ON, "look"]


@dataclass
class Done:
    """What came of it."""

    situation: str
    name: str
    # Runs that were ended.
    ended: int = 0
    # Different states that they left.
    states: int = 0
    failures: list = field(default_factory=list)

    def __str__(self):
        return f"{self.situation:<22}{self.name:<8}{self.ended:>5} ended {self.states:>5} states {len(self.failures):>4} failures"


class Lab:
    """A folder with a profile, in which bundles are made, broken and mended."""

    def __init__(self, program, situation):
        self.program, self.situation = program, situation
        # In memory, where a disk would only take time.
        self.folder = tempfile.mkdtemp(prefix="stockade-faults-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.bundle = f"{self.folder}/bundle"
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": self.folder, "STOCKADE_TODAY": "2026-11-21", "NO_COLOR": "1"}
        if situation.before:
            situation.profile(self.folder, situation.before)
            status, said = self.type(*self.command())
            assert status == 0, said
            situation.touch(self.bundle)
        situation.profile(self.folder, situation.after)
        self.start = trees.take(self.bundle)
        self.judged = {}

    def close(self):
        shutil.rmtree(self.folder)

    def command(self, *more):
        return "generate", "profile.yaml", "--out", "bundle", *more

    def type(self, *words):
        done = subprocess.run([self.program, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode()

    def lay(self, tree):
        shutil.rmtree(self.bundle, ignore_errors=True)
        if tree:
            trees.put(tree, self.bundle)

    def ended(self, decide, looks=False):
        """A run of the situation under a supervisor; its status and what it said."""
        self.lay(self.start)
        output = f"{self.folder}/output"
        arguments = [self.program, *self.command(*self.situation.options)]
        run = Run(self.bundle, decide, looks)
        status = run(arguments, self.folder, self.environment, output)
        with open(output, encoding="utf-8") as said:
            return status, said.read(), run.count

    def uninterrupted(self):
        """Calls of a run that nobody ends, what lay there before each, and in the end."""
        calls, states, known = [], [], {}

        def look(call):
            calls.append(call)
            states.append(trees.take(self.bundle, known))

        status, said, _ = self.ended(look)
        assert status == 0, said
        self.final = trees.take(self.bundle, known)
        self.plain = trees.plain(self.final)
        status, said = self.type(*self.command("--check", "--no-cache"))
        assert status == 0, said
        return calls, [*states, self.final]

    def judge(self, state, values):
        """What is wrong about a state that something left. `values` are the secrets that must be there in the end."""
        print_ = trees.print_of(state), tuple(sorted(values.items()))
        if print_ not in self.judged:
            self.judged[print_] = list(self.wrong(state, values))
        return self.judged[print_]

    def wrong(self, state, values):
        self.lay(state)
        status, said = self.type(*self.command("--check", "--no-cache"))
        same = trees.plain(state) == self.plain
        if status == 0 and not same:
            yield "mixed", "\n".join(trees.differences(trees.plain(state), self.plain)) + f"\n{said}"
        if status not in (0, 1):
            yield "unhealed", f"`--check` ends with {status}\n{said}"
        if {name: file.form() for name, file in trees.take(self.bundle).items()} != {name: it.form() for name, it in state.items()}:
            yield "mixed", "`--check` has written"
        status, said = self.type(*self.command(*self.situation.options))
        healed = trees.take(self.bundle)
        if status != 0:
            yield "unhealed", f"the next run ends with {status}\n{said}"
            return
        differ = trees.differences(trees.plain(healed), self.plain)
        if differ:
            yield "unhealed", "\n".join(differ)
        for name, value in values.items():
            if name not in healed or healed[name].bytes != value:
                yield "lost", f"{name} has another value"
        kept = {file.bytes for file in healed.values()}
        for name, text in self.situation.written.items():
            if text.encode() not in kept:
                yield "lost", f"what somebody wrote to {name}"
        status, said = self.type(*self.command("--check", "--no-cache"))
        if status != 0:
            yield "unhealed", f"after the next run `--check` ends with {status}\n{said}"

    def values(self, *states):
        """Secrets of states that no run may change. A certificate counts as soon as all of its parts are there."""
        found = {}
        for state in states:
            for name, value in trees.values(state).items():
                if "certs/" in name and f"{name.rsplit('/', 1)[0]}/server.key" not in state:
                    continue
                old = self.start.get(name)
                if value and not (name.endswith(self.situation.rotated) and old and old.bytes == value):
                    found[name] = value
        return found


def run(program, name, kind, depth):
    situation = next(one for one in SITUATIONS if one.name == name)
    lab = Lab(program, situation)
    try:
        done = Done(name, kind)
        # A large bundle is ended at a part of its calls; all are for `--all`.
        every = situation.everyday or 1 if depth == "everyday" else max(1, situation.stride // 4) if depth == "full" else 1
        {"kill": kills, "power": powers, "look": looks}.get(kind, errors)(lab, done, every, depth)
        done.states = len(lab.judged)
        return done
    finally:
        lab.close()


def kills(lab, done, every, _depth):
    calls, states = lab.uninterrupted()
    for call, state in list(zip(calls, states))[::every]:
        done.ended += 1
        note(done, call, lab.judge(state, lab.values(lab.start, state)))
    # That a program killed for good leaves what was seen while it waited.
    for number in range(0, len(calls), 40 * every):
        status, _, _ = lab.ended(lambda call, at=number: "kill" if call.number == at else None)
        assert status == -9, status
        state = trees.take(lab.bundle)
        note(done, calls[number], lab.judge(state, lab.values(lab.start, state)))


def powers(lab, done, every, depth):
    calls, states = lab.uninterrupted()
    for call, state, values in list(power.losses(lab, calls, states, depth == "all"))[::max(every, 2) if depth == "full" else every]:
        done.ended += 1
        note(done, call, lab.judge(state, values))


def errors(lab, done, every, depth):
    """Calls fail once, and from then on: in a full run each with one of the four errors in turn, with all where all is asked for."""
    calls, _ = lab.uninterrupted()
    kinds = FROM_THEN_ON if done.name in FROM_THEN_ON else ONCE
    turn, turns = {"everyday": (list(kinds).index(done.name), 2), "full": ([*ONCE, *FROM_THEN_ON].index(done.name), 4), "all": (0, 1)}[depth]
    step = max(every, lab.situation.stride if depth != "all" else 1)
    for number in list(range(0, len(calls), step))[turn::turns]:
        fault(lab, done, number, kinds[done.name], kinds is FROM_THEN_ON)


def fault(lab, done, number, error, sticky, looks=False):
    hit = []

    def decide(call):
        if call.number == number or (sticky and call.number > number and call.changes()):
            hit.append(call)
            return error
        return None

    status, said, _ = lab.ended(decide, looks)
    if not hit:
        return
    done.ended += 1
    state = trees.take(lab.bundle)
    wrong = lab.judge(state, lab.values(lab.start, state))
    if status == 0 and trees.plain(state) != lab.plain:
        differ = "\n".join(trees.differences(trees.plain(state), lab.plain))
        wrong = [*wrong, ("mixed", f"the run says that all is well\n{differ}\n{said}")]
    elif status not in (0, 3) or "panicked" in said:
        wrong = [*wrong, ("unhealed", f"the run ends with {status}\n{said}")]
    note(done, hit[0], wrong)


def looks(lab, done, every, depth):
    """Calls that only look fail as well: what cannot be read is not what is absent."""
    lab.uninterrupted()
    _, _, count = lab.ended(lambda call: None, looks=True)
    step = {"everyday": 11 * every, "full": 27, "all": 1}[depth]
    for number in range(0, count, max(step, lab.situation.stride if depth != "all" else 1)):
        fault(lab, done, number, errno.EIO, False, looks=True)


def note(done, call, wrong):
    where = f"{done.situation}, {done.name} at {call.number} {call.name} {call.path} {call.other or ''}"
    # One failure an interruption, the worst.
    for kind in ("lost", "mixed", "unhealed"):
        for found, text in wrong:
            if found == kind:
                done.failures.append((kind, where, text))
                return
