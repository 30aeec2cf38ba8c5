#!/usr/bin/env python3
"""Several stacks on one host: their firewalls join, and each comes and goes alone. Every kind through the packet lab.

    sudo tests/behaviour/stacks.py [KIND …]

Exit status: 0 all as expected, 1 a probe differs, 2 the lab could not be built.
"""

import copy
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from firewall_lab import Report
from rig.process import ROOT, Failure, environment, run
from walls.kinds import KINDS
from walls.lab import EGRESS, HOST, INTERNET, Lab, Scenario, script

SYSTEM = """
format: 1
name: NAME
title: NAME
summary: One of several stacks on a host.
networks:
  web: {purpose: Joins the services., egress: true, deny_egress: [DENIED]}
host_ports:
  agent: {title: Agent, port: AGENT, protocol: tcp, audience: internal}
services:
  app:
    title: App
    image: ghcr.io/example/app:1.4.2
    process: {entrypoint: [/app]}
    user: "1000:1000"
    no_healthcheck: the image holds nothing that could ask
    limits: {memory: 512m, cpus: "1.0", pids: 128}
    networks: {web: {}}
    ports:
      public: {container: 8000, host: PUBLIC, protocol: tcp, audience: public, limit: {connections: 200}}
      admin: {container: 8001, host: ADMIN, protocol: tcp, audience: admin}
"""
# Name: public port, admin port, its admin network, an address of it, a destination its containers may not reach.
STACKS = {
    "alpha": (25001, 6001, "10.8.0.0/24", "10.8.0.9", "203.0.113.1"),
    "beta-2": (25002, 6002, "10.9.0.0/24", "10.9.0.9", "203.0.113.2"),
    "gamma": (25003, 6003, "10.10.0.0/24", "10.10.0.9", "203.0.113.3"),
}
STRANGER, SSH = 9443, 22


def generate(kind, folder, name, like=None, firewall=None):
    """A bundle of one of the stacks; its `firewall/` folder."""
    public, admin, network, _, denied = STACKS[like or name]
    source = folder / "profiles" / name
    source.mkdir(parents=True, exist_ok=True)
    words = {"NAME": name, "DENIED": denied, "AGENT": str(public + 1000), "PUBLIC": str(public), "ADMIN": str(admin)}
    (source / "own.system.yaml").write_text(re.sub(r"[A-Z]{4,}", lambda word: words.get(word[0], word[0]), SYSTEM))
    (source / "stockade.yaml").write_text(
        f"version: 1\nname: {name}\nsystem: ./own.system.yaml\nadmin: [{network}]\n"
        f"firewall: {{kind: {kind.removesuffix('-legacy')}{firewall or ''}}}\n")
    out = folder / name
    run(ROOT / "target/debug/stockade", "generate", source / "stockade.yaml", "--out", out)
    return out / "firewall"


class Host:
    """A lab in which several bundles live."""

    def __init__(self, lab, report, folder, kind):
        self.lab, self.report, self.kind = lab, report, kind
        self.bundles = {name: generate(kind, folder, name) for name in STACKS}
        self.folder, self.stage = folder, "before"

    def call(self, name, what, *arguments):
        lab = copy.copy(self.lab)
        lab.firewall = self.bundles[name]
        return script(lab, what, *arguments)

    def status(self, expected, name, what, *arguments, says=None):
        done = self.call(name, what, *arguments)
        self.report.status(done, self.stage, f"{name}: {what} {' '.join(arguments)}", expected)
        if says:
            self.report.add(self.stage, f"{name}: {what} says `{says}`", True, says in done.stderr, done.stderr)
        return done

    def guarded(self, *names):
        """What these stacks open is open to whom they say, and all else is closed."""
        asked, expected = {}, {}

        def ask(role, who, question, is_open):
            asked.setdefault(role, []).append([*question, *[None] * (4 - len(question)), 10.0] if is_open else question)
            expected.setdefault(role, []).append((f"{who} -> {question[1]}/{question[2]}", is_open))

        address = HOST["internet"]
        for version in (0, 1):
            for stack, (public, admin, _, _, _) in STACKS.items():
                ask("internet", f"internet, IPv{6 if version else 4}", (address[version], "tcp", public), stack in names)
                ask("internet", f"internet, IPv{6 if version else 4}", (address[version], "tcp", admin), False)
            for port in (STRANGER, SSH):
                ask("internet", f"internet, IPv{6 if version else 4}", (address[version], "tcp", port), False)
        for owner, (_, _, _, source, _) in STACKS.items():
            for stack, (_, admin, _, _, _) in STACKS.items():
                ask("internet", f"admin of {owner}", (address[0], "tcp", admin, source), owner == stack and stack in names)
            ask("internet", f"admin of {owner}", (address[0], "tcp", SSH, source), owner in names)
        for stack, (public, _, _, _, denied) in STACKS.items():
            ask(stack, f"container of {stack}", (denied, *EGRESS), stack not in names)
            ask(stack, f"container of {stack}", (INTERNET[0], *EGRESS), True)
            for other in STACKS:
                if stack in names:
                    ask(other, f"container of {other}", (self.lab.gateway(other)[0], "tcp", public + 1000), False)
        with ThreadPoolExecutor(len(asked)) as pool:
            answers = dict(zip(asked, pool.map(lambda role: self.lab.ask(role, asked[role]), asked)))
        for role, rows in expected.items():
            for (what, is_open), answer in zip(rows, answers[role]):
                self.report.add(self.stage, what, "open" if is_open else "closed", "open" if answer else "closed")

    def verified(self, *names):
        for name in names:
            self.status(0, name, "verify")

    @property
    def etc(self):
        return self.lab.folder / "root/etc/stockade"

    def boot(self):
        """Nothing is loaded and no state is there, as after a restart of the host; then what its unit runs."""
        kind, lab = self.lab.kind, self.lab
        if kind.name.startswith("iptables"):
            kind.both(lab, "-F"), kind.both(lab, "-X")
        else:
            lab.at("host", "nft", "delete", "table", "inet", "stockade")
        shutil.rmtree(lab.state)
        words = environment(STOCKADE_STATE_DIR=str(lab.state), STOCKADE_ROOT=str(lab.folder / "root"))
        words["PATH"] = f"{kind.path(lab)}{words['PATH']}"
        done = lab.host.run("sh", self.etc / "firewall-load", self.etc / kind.rules, "--boot", check=False, env=words)
        self.report.status(done, self.stage, "the host boots", 0)


def life(host):
    lab, kind = host.lab, host.kind
    other = "iptables" if kind.startswith(("nft", "ufw", "firewalld")) else "nftables"

    host.stage = "one"
    host.status(0, "alpha", "apply", "--yes", "--install")
    host.guarded("alpha")
    one = (host.etc / lab.kind.rules).read_text()
    host.report.add(host.stage, "the rules are the bundle's own file", True, one == next(host.bundles["alpha"].glob("stockade.[nr]*")).read_text())

    # Nothing that is open refuses and nothing that is closed answers, whatever the others do.
    questions = [(HOST["internet"][0], "tcp", STACKS["alpha"][0], 1.0, 0.02), (HOST["internet"][0], "tcp", STRANGER, 0.1, 0.0),
                 (HOST["internet"][0], "tcp", STACKS["alpha"][1], 0.1, 0.0)]
    hammer = lab.start("internet", "hammer", questions)

    host.stage = "as an earlier version left it"
    shutil.rmtree(lab.state)
    shutil.rmtree(host.etc / "firewall.d")
    host.status(1, "beta-2", "apply", "--yes", says="an older version")
    host.status(0, "alpha", "apply", "--yes", "--install")
    host.verified("alpha")

    host.stage = "two"
    host.status(1, "beta-2", "verify", says="not among them")
    host.status(0, "beta-2", "apply", "--yes", "--install")
    host.guarded("alpha", "beta-2")
    host.verified("alpha", "beta-2")
    both = (host.etc / lab.kind.rules).read_text()

    host.stage = "refused"
    before = lab.state / "stacks"
    host.bundles["twin"] = generate(kind, host.folder, "twin", like="alpha")
    host.status(1, "twin", "apply", "--yes", says="25001/tcp is opened by the stack `alpha`")
    host.bundles["stranger"] = generate(other, host.folder, "stranger", like="gamma")
    host.status(1, "stranger", "apply", "--yes", "--force")
    host.report.add(host.stage, "what is kept", ["alpha", "beta-2"], sorted(path.name for path in before.iterdir()))
    host.verified("alpha", "beta-2")

    host.stage = "unconfirmed"
    host.status(0, "gamma", "apply", "--timeout", "300")
    host.guarded("alpha", "beta-2", "gamma")
    host.status(0, "alpha", "verify", says="`gamma` wait for a confirmation")
    host.status(1, "alpha", "apply", "--yes", says="`gamma` wait for a confirmation")
    host.status(1, "alpha", "rollback", "--remove", says="`gamma` wait for a confirmation")
    host.status(1, "alpha", "rollback", says="`gamma` wait for a confirmation")
    host.status(0, "gamma", "rollback")
    host.verified("alpha", "beta-2")
    host.status(0, "gamma", "apply", "--timeout", lab.kind.verified_in)
    end = time.monotonic() + 60
    while (lab.state / "pending").exists() and time.monotonic() < end:
        time.sleep(0.1)
    with open(lab.state / "lock") as lock:
        subprocess.run(["flock", str(lock.fileno())], pass_fds=[lock.fileno()], check=True)
    host.guarded("alpha", "beta-2")
    host.verified("alpha", "beta-2")

    host.stage = "two at once"
    lab.kind.nudge(lab)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda name: host.call(name, "apply", "--yes", "--install"), ("alpha", "gamma")))
    for each in done:
        host.report.status(each, host.stage, "apply", 0)
    host.guarded("alpha", "beta-2", "gamma")
    host.verified("alpha", "beta-2", "gamma")

    host.stage = "rollback of one"
    lab.kind.nudge(lab)
    host.status(0, "alpha", "apply", "--yes")
    host.status(0, "gamma", "rollback")
    host.guarded("alpha", "beta-2")
    host.verified("alpha", "beta-2")
    host.report.add(host.stage, "order does not matter", True, both == (host.etc / lab.kind.rules).read_text())

    answered = json.loads(hammer.communicate("x", timeout=60)[0])
    for what, wrong in (("the public port of `alpha` refused", answered[0][1]), ("a stranger's port answered", answered[1][0]),
                        ("the admin port of `alpha` answered", answered[2][0])):
        host.report.add("all the time", what, 0, wrong)

    host.stage = "after a boot"
    host.boot()
    host.guarded("alpha", "beta-2")
    host.verified("alpha", "beta-2")
    lab.publish("dnat")  # as Docker does when it starts anew
    host.status(0, "gamma", "apply", "--yes")
    host.guarded("alpha", "beta-2", "gamma")
    host.verified("alpha", "beta-2")
    host.status(1, "gamma", "verify", "--boot")

    host.stage = "one goes"
    host.status(0, "alpha", "rollback", "--remove", says="those of other stacks stay")
    host.guarded("beta-2", "gamma")
    host.verified("beta-2", "gamma")
    host.status(1, "alpha", "verify", says="not among them")

    host.stage = "its folder is gone"
    shutil.move(host.bundles["beta-2"].parent, host.folder / "away")
    host.status(0, "gamma", "verify", says="rollback --remove=beta-2` removes them")
    host.status(0, "gamma", "rollback", "--remove=beta-2")
    host.guarded("gamma")
    host.verified("gamma")
    host.report.add(host.stage, "nothing boots", False, (host.etc / lab.kind.rules).exists())
    host.status(0, "gamma", "rollback", "--remove", says="open to everybody again")
    host.report.add(host.stage, "rules", False, lab.kind.loaded(lab))


def one_kind(kind):
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(public=[("tcp", public) for public, *_ in STACKS.values()],
                            admin=[("tcp", admin) for _, admin, *_ in STACKS.values()], closed=[("tcp", STRANGER)],
                            guarded=[("tcp", public + 1000) for public, *_ in STACKS.values()],
                            denied=[denied for *_, denied in STACKS.values()], spared=[source for *_, source, _ in STACKS.values()])
        first = generate(kind, Path(folder), "alpha")
        with Several(first, scenario, KINDS[kind]()) as lab:
            lab.publish("dnat")
            lab.settle()
            lab.kind.start(lab)
            life(Host(lab, report, Path(folder), kind))
            lab.kind.stop(lab)
    return report


class Several(Lab):
    """Each stack has a bridge of its own, with a container behind it."""

    def __init__(self, firewall, scenario, kind):
        super().__init__(firewall, scenario, kind)
        self.behind |= {name: (f"br-{name}-web"[:15], f"10.{number}.0", f"fd00:{number}") for number, name in enumerate(STACKS, 30)}
        self.bridges = [bridge for bridge, _, _ in self.behind.values()]


def main():
    bad = 0
    for kind in sys.argv[1:] or KINDS:
        began = time.monotonic()
        report = one_kind(kind)
        print(f"{kind}: ", end="", flush=True)
        bad |= report.show(verbose=False)
        print(f"{kind}: {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(bad)


if __name__ == "__main__":
    # A plain end would leave folders behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    try:
        main()
    except (Failure, subprocess.SubprocessError) as failure:
        print(f"lab: {failure}", file=sys.stderr)
        sys.exit(2)
