#!/usr/bin/env python3
"""Loads a generated firewall in namespaces of its own and asks it with packets.

    sudo tests/behaviour/firewall_lab.py BUNDLE/firewall --public tcp/443 --public udp/5520 --admin tcp/8443
    sudo tests/behaviour/firewall_lab.py BUNDLE/firewall --kind ufw --public tcp/443 --named tcp/8081=203.0.113.7

Needs root and what tests/setup installs. The rules, services and settings of this machine are never touched: ufw and
firewalld run in the lab, on copies of their settings. Every port is first asked without the firewall, so that "closed"
cannot mean "nobody was listening".
Exit status: 0 all as expected, 1 a probe differs, 2 wrong usage or the lab could not be built.
"""

import argparse
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rig.process import Failure
from walls.kinds import KINDS
from walls.lab import CONTAINER, CROWD, EGRESS, HOST, INTERNET, LOOPBACK_PORT, MATE, PRIVATE, Lab, Scenario


class Report:
    """The table of probes."""

    def __init__(self):
        self.rows = []

    def add(self, stage, what, expected, found, hint=""):
        self.rows.append((stage, what, expected, found, hint))

    def status(self, script, stage, what, expected):
        self.add(stage, what, f"exit {expected}", f"exit {script.returncode}", script.stderr.strip())

    def show(self, verbose):
        bad = [row for row in self.rows if row[2] != row[3]]
        for stage, what, expected, found, hint in self.rows if verbose else bad:
            mark = "ok  " if expected == found else "FAIL"
            print(f"{mark} {stage:<22} {what:<52} expected {expected}, found {found}")
            if mark == "FAIL" and hint:
                print("     " + hint.replace("\n", "\n     "))
        print(f"{len(self.rows) - len(bad)} of {len(self.rows)} as expected")
        return 1 if bad else 0


def probes(lab, report, stage, guarded, dnat=True):
    """Asks every port from everywhere; without rules all of them answer."""
    scenario = lab.scenario

    asked = {}

    def expect(role, labelled):
        asked.setdefault(role, []).extend(labelled)

    def patient(question, is_open):
        """What is open may take its time on a busy machine; it has it only there."""
        return [*question, *[None] * (4 - len(question)), 10.0] if is_open else question

    def judge():
        """All at once: what is closed answers by its silence, which takes its time."""
        with ThreadPoolExecutor(len(asked)) as pool:
            ask = lambda role: lab.ask(role, [patient(question, is_open) for _, question, is_open in asked[role]])
            for labelled, answers in zip(asked.values(), pool.map(ask, asked)):
                for (what, _, is_open), answer in zip(labelled, answers):
                    report.add(stage, what, "open" if is_open else "closed", "open" if answer else "closed")

    def families(addresses):
        return zip((4, 6), addresses)

    for role in ("internet", "admin"):
        allowed = set(scenario.public) | set(scenario.limited) | set(scenario.opened) | (set(scenario.admin) if role == "admin" else set())
        if role == "admin" or scenario.ssh_public:
            allowed |= {("tcp", scenario.ssh)}
        questions = []
        for version, address in families(HOST[role]):
            if role == "admin" and not lab.admin[0 if version == 4 else 1]:
                continue
            for port in scenario.published + scenario.on_host:
                is_open = port in allowed or INTERNET[version == 6] in scenario.sources.get(port, ()) or not guarded
                if role == "admin" and port in scenario.sources:
                    is_open = not guarded
                questions.append((f"{role} -> {port[0]}/{port[1]}, IPv{version}", (address, *port), is_open))
        expect(role, questions)
    for port, sources in (*scenario.named.items(), *scenario.sources.items()):
        expect("internet", [(f"{source} -> {port[0]}/{port[1]}", (HOST["internet"][":" in source], *port, source), True)
                            for source in sources])
    targets = sorted({target for _, target in lab.mapping()})
    direct = [(f"internet -> container {p}/{n}, IPv{v}, routed", (a, p, n), not guarded)
              for v, a in families(CONTAINER) for p, n in targets]
    direct += [(f"internet -> {role} {PRIVATE[0]}/{PRIVATE[1]}, routed", (a, *PRIVATE), not guarded)
               for role in lab.behind.keys() - {"container"} for a in lab.address(role)]
    if dnat:
        # The public number on 127.0.0.1 too: only the guard in front of DNAT tells it from the public port.
        for target in [LOOPBACK_PORT] + [p for p in scenario.public if p[0] == "tcp"][:1]:
            direct.append((f"internet -> 127.0.0.1 tcp/{target[1]}", ("127.0.0.1", *target), not guarded))
    expect("internet", direct)

    def of_container(role):
        own = role == "container"
        questions = [(f"{role} -> internet, IPv{v}", (a, *EGRESS), True) for v, a in families(INTERNET) if dnat]
        if dnat:  # the same tables let containers out
            denied = scenario.denied if own else scenario.bridges.get(role, ())
            questions += [(f"{role} -> {a}", (a, *EGRESS), not (guarded and a in denied)) for a in scenario.denied]
            questions += [(f"{role} -> {a}, an exception", (a, *EGRESS), True) for a in scenario.spared]
        questions.append((f"{role} -> host tcp/2375", (lab.gateway(role)[0], "tcp", 2375), not guarded))
        for version, address in families(lab.gateway(role)):
            inside = [(port, own) for port in scenario.inside] + [(port, False) for port in scenario.guarded]
            # Other services of the host, which ufw closes to containers as to everybody.
            inside.append((("tcp", scenario.ssh), lab.kind.name != "ufw" and not (own and scenario.denied)))
            questions += [(f"{role} -> host {port[0]}/{port[1]}, IPv{version}", (address, *port), is_open or not guarded)
                          for port, is_open in inside]
        return questions

    for role in lab.behind:
        expect(role, of_container(role))
    expect("container", [(f"container -> container of its network, IPv{v}", (a, *PRIVATE), True) for v, a in families(MATE)])
    expect("host", [(f"host -> internet, IPv{v}", (a, *EGRESS), True) for v, a in families(INTERNET)])
    judge()


def limits(lab, report):
    """One source gets no more than its share, and takes nothing from another. Both families have shares of their own."""
    limited, slowed, families = lab.scenario.limited, lab.scenario.slowed, (0, 1)

    def packets(what, role, address, port, limit=None):
        answered, took = lab.stream(role, (address, *port), 1500)
        expected = "all" if limit is None else "limited"
        held = answered > 1350 if limit is None else 0 < answered <= 1.1 * limit * (1 + took)
        found = expected if held else f"{answered} of 1500 in {took:.1f} s"
        return "limits", f"packets from {what} to {port[0]}/{port[1]} at {address}", expected, found

    def whole(what, role, address, port, times):
        return "limits", f"{port[0]}/{port[1]} at {address} for {what}", times, lab.burst(role, (address, *port), times)

    def outside(family):
        address = HOST["internet"][family]
        for port, rate in slowed.items():
            yield packets("outside", "internet", address, port, rate)
            yield packets("a container", "container", INTERNET[family], port)
        for port, rate in lab.scenario.fast.items():
            sent, wide = 250 * 12, 16 * rate
            answered, took = lab.spread("internet", (address, *port), CROWD[family], 250, 12)
            found = "limited" if rate * 4 < answered <= 1.1 * wide * (1 + took) else f"{answered} of {sent} in {took:.1f} s"
            yield "limits", f"{port[0]}/{port[1]} at {address} for a crowd of one network", "limited", found
        for port, most in limited.items():
            yield ("limits", f"{port[0]}/{port[1]} at {address}, one long connection", most * 3,
                   lab.chat("internet", (address, *port), most * 3))
            yield whole("the host itself", "host", address, port, most * 2)
            for role in lab.behind.keys() - {"container"}:
                yield whole(f"containers of {role}", role, lab.gateway(role)[family], port, most * 2)
            passed = lab.burst("internet", (address, *port), most * 3)
            found = "limited" if 0 < passed <= most + 2 else f"{passed} of {most * 3} passed"
            yield "limits", f"{port[0]}/{port[1]} at {address} at once", "limited", found
            if lab.admin[family]:
                yield whole("admins", "admin", HOST["admin"][family], port, most * 2)

    def inside(family):
        for port in slowed:
            yield packets("the host itself", "host", HOST["internet"][family], port)

    # What DNAT leaves to containers, a proxy takes on the host itself.
    for how, ask in (("dnat", outside), ("proxy", inside)):
        lab.publish(how)
        with ThreadPoolExecutor(len(families)) as pool:
            for rows in pool.map(lambda family: list(ask(family)), families):
                for row in rows:
                    report.add(*row)
    lab.publish("dnat")


def refusals(lab, report):
    """What another tool on the host, or the lack of the chosen one, makes of `apply`."""
    for what, before, after in lab.kind.refused(lab):
        before()
        report.status(lab.script("apply", "--yes"), "refusals", f"apply {what}", 1)
        report.add("refusals", f"{what}: nothing changed", "no rules", "rules" if lab.kind.loaded(lab) else "no rules")
        after()


def lifecycle(lab, report):
    """apply, confirm, verify and rollback in every state they know."""
    stage, kind, ssh = "lifecycle", lab.kind, lab.scenario.ssh

    def verify(what, expected):
        report.status(lab.script("verify"), stage, f"verify: {what}", expected)

    def apply(what, expected, *arguments, **options):
        report.status(lab.script("apply", *arguments, **options), stage, f"apply: {what}", expected)

    def holds(what):
        report.add(stage, what, "no rules", "rules" if kind.loaded(lab) else "no rules")

    def wait_for(condition, seconds):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.1)
        return condition()

    def outlive(seconds):
        """Waits until a timer of so many seconds has run out and its script has ended."""
        time.sleep(seconds)
        wait_for(lambda: lab.at("host", "sh", "-c", "! grep -qs -e --expired /proc/[0-9]*/cmdline", check=False).returncode
                 == 0, 15)

    verify("nothing loaded", 1)
    report.status(lab.script("rollback"), stage, "rollback: nothing to go back to", 1)
    report.status(lab.script("apply", "--confirm"), stage, "apply --confirm: nothing waits", 1)
    apply("unknown option", 2, "--frobnicate")
    outsider = f"{INTERNET[0]} 50000 {HOST['internet'][0]} {ssh}"
    if not lab.scenario.ssh_public:
        apply("over ssh from the internet", 1, ssh=outsider)
        apply("over ssh from the internet, IPv6", 1, ssh=f"{INTERNET[1]} 50000 {HOST['internet'][1]} {ssh}")
    apply("over ssh to another port", 1, ssh=f"{lab.admin[0] or lab.admin[1]} 5 172.31.255.1 {ssh + 1}")
    holds("refused applies changed nothing")

    for address in filter(None, lab.admin):
        apply(f"unconfirmed, over ssh from {address}", 0, "--timeout", kind.verified_in,
              ssh=f"{address} 50000 172.31.255.1 {ssh}")
    verify("loaded, unconfirmed", 0)
    gone = wait_for(lambda: not kind.loaded(lab) and not (lab.state / "pending").exists(), 60)
    report.add(stage, "unconfirmed rules go by themselves", "gone", "gone" if gone else "still there")
    verify("taken back", 1)

    # On a busy machine a slow tool takes longer than a deadline of a second or two.
    short = int(kind.verified_in)
    apply("first, short", 0, "--timeout", str(short))
    kind.nudge(lab)
    apply("second while unconfirmed", 0, "--timeout", "300")
    outlive(short + 1)  # the first timer must have done nothing
    verify("the older timer let the newer apply be", 0)
    report.status(lab.script("rollback"), stage, "rollback: to before the first of two", 0)
    holds("and there were none")

    apply("to be confirmed", 0, "--timeout", str(short), "--install")
    report.status(lab.script("apply", "--confirm"), stage, "apply --confirm", 0)
    outlive(short + 1)
    verify("confirmed rules stay", 0)
    boot = lab.folder / "root/etc/stockade" / kind.rules
    report.add(stage, "--install copies the rules", "yes", "yes" if boot.is_file() else "no")

    unit = lab.folder / "root/etc/systemd/system/stockade-firewall.service"
    for what, harm in {
        "the unit removed": unit.unlink,
        "another unit": lambda: unit.write_text(unit.read_text() + "ExecStart=\n"),
        "the unit disabled": lambda: lab.at("host", "systemctl", f"--root={lab.folder}/root", "disable", unit.name),
        "no rules for the boot": boot.unlink,
        "another loader": lambda: boot.with_name("firewall-load").write_text("exit 0\n"),
    }.items():
        harm()
        verify(f"the boot: {what}", 1)
        apply("installs it again", 0, "--yes", "--install")
        report.status(lab.script("verify", "--boot"), stage, "verify --boot: installed again", 0)
    for what, before, after in kind.beside(lab):
        before()
        verify(what, 1)
        apply(what, 1, "--yes")
        after()
        verify(f"no longer: {what}", 0)
    for what, harm in kind.harms(lab):
        harm()
        verify(what, 1)
        apply("repairs it", 0, "--yes", "--install")
        verify("repaired", 0)
    for what, loss in kind.restored(lab):
        loss()
        verify(f"restored after {what}", 0)
    for what, change in kind.harmless(lab):
        change()
        verify(f"{what} is no difference", 0)
    lab.publish("dnat")

    kind.foreign(lab)
    verify("another bundle's rules", 1)
    apply("over another bundle's rules", 1, "--yes")
    report.status(lab.script("rollback", "--remove"), stage, "rollback --remove: another bundle's", 1)
    apply("over it with --replace", 0, "--yes", "--replace")
    verify("replaced", 0)


def hammered(lab, report):
    """Applies again and again under load: nothing closed answers, nothing open refuses, connections live on."""
    scenario, stage = lab.scenario, f"{lab.kind.applies} re-applies"
    public = scenario.public[:1]
    closed = [port for port in scenario.published if port not in (*scenario.public, *scenario.sources)]
    # A closed port is asked as often as a packet can be sent; an open one patiently.
    questions = [(HOST["internet"][i], *port, 1.0, 0.02) for port in public for i in (0, 1)]
    questions += [(HOST["internet"][i], *port, 0.1, 0.0) for port in closed for i in (0, 1)]
    role = "admin" if any(lab.admin) else "internet"
    ssh_host = next((host for host, address in zip(HOST["admin"], lab.admin) if address), HOST["internet"][0])
    sessions = {"an ssh session": lab.start(role, "session", [ssh_host, scenario.ssh]),
                "a container's connection to the internet": lab.start("container", "session", [INTERNET[0], EGRESS[1]])}
    if public[0][0] == "tcp":
        sessions["a connection to a published port"] = lab.start("internet", "session", [HOST["internet"][0], public[0][1]])
    child = lab.start("internet", "hammer", questions)
    failed = 0
    for _ in range(lab.kind.applies):
        lab.kind.nudge(lab)
        failed += lab.script("apply", "--yes").returncode != 0
    answered = json.loads(child.communicate(timeout=60)[0])
    report.add(stage, "applies that failed", 0, failed)
    for question, (yes, no) in zip(questions, answered):
        name = f"{question[1]}/{question[2]} at {question[0]}"
        if question[1:3] in public:
            report.add(stage, f"{name} refused ({yes} answered)", 0, no)
        else:
            report.add(stage, f"{name} leaked ({no} refused)", 0, yes)
    for name, session in sessions.items():
        report.add(stage, f"{name} goes on", "alive", session.communicate("x", timeout=20)[0].strip())


def port(text):
    protocol, _, number = text.partition("/")
    if protocol not in ("tcp", "udp") or not number.isdigit():
        raise argparse.ArgumentTypeError(f"`{text}` is not like tcp/443")
    return protocol, int(number)


def pair(text):
    """`tcp/8081=203.0.113.7`: a port and what belongs to it."""
    key, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"`{text}` is not like tcp/8081=203.0.113.7")
    return port(key), value


def scenario(arguments):
    named = {}
    for key, value in arguments.named:
        named.setdefault(key, []).append(value)
    return Scenario(
        public=arguments.public, admin=arguments.admin, closed=arguments.closed, ssh=arguments.ssh,
        ssh_public=arguments.ssh_public, named=named, inside=arguments.inside, guarded=arguments.guarded,
        limited={key: int(most) for key, most in arguments.limited}, denied=arguments.denied, spared=arguments.spared,
        bridge=arguments.bridge)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("firewall", metavar="FIREWALL_DIR")
    parser.add_argument("--kind", choices=KINDS, default="nftables", help="what loads the rules (default nftables)")
    ports = {"type": port, "action": "append", "default": []}
    pairs = {"type": pair, "action": "append", "default": []}
    parser.add_argument("--public", **ports, help="published, for everybody: tcp/443")
    parser.add_argument("--admin", **ports, help="published, for the admin networks")
    parser.add_argument("--closed", **ports, help="published, but closed")
    parser.add_argument("--ssh", type=int, default=22, help="port of sshd (default 22)")
    parser.add_argument("--ssh-public", action="store_true", help="ssh is open to any address")
    parser.add_argument("--named", **pairs, help="port of the host for one address outside: tcp/8081=203.0.113.7")
    parser.add_argument("--inside", **ports, help="port of the host for containers of the bundle's network")
    parser.add_argument("--guarded", **ports, help="port of the host for nobody")
    parser.add_argument("--limited", **pairs, help="port of the host with connections at once for one source: tcp/2022=20")
    parser.add_argument("--denied", action="append", default=[], help="address the bundle's containers may not reach")
    parser.add_argument("--spared", action="append", default=[], help="exception from those")
    parser.add_argument("--bridge", default="", help="interface of the bundle's network")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the probes that passed, too")
    arguments = parser.parse_args()
    if os.geteuid():
        parser.error("only root can make network namespaces")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    sys.exit(run(Path(arguments.firewall), arguments.kind, scenario(arguments)).show(arguments.verbose))


def run(firewall, kind, expected):
    """Everything about one bundle's rules; a `Report`."""
    report = Report()
    with Lab(firewall, expected, KINDS[kind]()) as lab:
        lab.publish("dnat")
        lab.settle()
        probes(lab, report, "no rules", guarded=False)
        lab.kind.start(lab)
        refusals(lab, report)
        lifecycle(lab, report)
        probes(lab, report, "published by DNAT", guarded=True)
        hammered(lab, report)
        probes(lab, report, "after re-applies", guarded=True)
        lab.publish("proxy")
        probes(lab, report, "published by a proxy", guarded=True, dnat=False)
        if not lab.kind.owns_input:
            lab.kind.open(lab, [*expected.admin, *expected.sources, *expected.named, *expected.guarded])
            probes(lab, report, "opened by the operator", guarded=True, dnat=False)
        lab.publish("dnat")
        limits(lab, report)
        report.status(lab.script("rollback", "--remove"), "removed", "rollback --remove", 0)
        lab.kind.stop(lab)
        probes(lab, report, "removed", guarded=False)
    return report


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        raise SystemExit(f"lab: {failure}") from None
