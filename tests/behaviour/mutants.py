#!/usr/bin/env python3
"""Breaks every rule of a firewall in turn and tells which breaks no probe of the packet lab notices.

    sudo tests/behaviour/mutants.py KIND [WORD …]     only rules that hold one of the words

The lab is built once; each break is loaded into it and asked with the probes of firewall_lab.py, without its slower parts.
Exit status: 0 all were noticed, 1 some were not, 2 the lab could not be built.
"""

import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import firewall_lab
from firewalls import SCENARIO, bundle
from rig.process import Failure
from walls.kinds import KINDS
from walls.lab import Lab


# Nothing can notice that these are gone, and why they are there all the same.
EQUIVALENT = {
    'iifname != "lo" ip6 daddr ::1': "the kernel drops it itself; written for the reader beside its IPv4 twin",
    "comment bundle-": "says whose rules these are, which `apply` asks and the lifecycle of firewall_lab.py tries",
    "packets4wide": "needs thousands of packets a second; new flows have the same limit in the same words",
    "packets6wide": "the same",
    "--dport 25565:25665 -m hashlimit --hashlimit-upto": "the same for iptables",
    "@tcp2022_new4wide": "needs hundreds of connections; UDP has the same limit in the same words",
    "@tcp2022_new6wide": "the same",
    "ct original proto-dst 9200-9201": "for what a container beside the stack publishes there; in the lab the host listens",
    "ct original proto-dst 51820": "the same",
    "limit rate over 12800/second": "needs as many new flows a second",
    "limit rate over 76800/second": "needs as many packets a second",
    "hashlimit-name udp25565-new4-0-": "needs as many new flows a second",
    "hashlimit-name udp25565-packets4-0-": "needs as many packets a second",
    "limit rate over 5120/minute": "needs as many new connections a minute",
    "meta l4proto 2 ": "IGMP is not asked; protocols without ports are, with VRRP",
    "meta l4proto 50 ": "nor ESP, whose flows the kernel remembers from before the rules",
    "fib daddr type != local accept": "in `per_source`, for hosts that route for others; in the lab nobody but containers crosses",
}


def removed(lines):
    """Every rule gone, one at a time: lines of nft, iptables, ufw and firewalld."""
    for number, line in enumerate(lines):
        word = line.strip()
        rule = re.match(r"(iifname|oifname|meta|ct|tcp|udp|ip|ip6|fib|counter|-A|#ufw|#firewalld) ", word + " ")
        if rule and "elements" not in word and not word.startswith("#ufw decides"):
            yield f"without: {word.split('  # why')[0]}", [*lines[:number], *lines[number + 1:]]


def changed(lines):
    """Rules that say something else: a wider port, no source, another chain, another policy."""
    swaps = [("dport 6000-6004 ip saddr @admin4 accept", "dport 6000-6004 accept", "no source"),
             ("proto-dst 6000-6004 ip6 saddr @admin6", "proto-dst 6000-6004", "no source, IPv6"),
             ("proto-dst 25565-25665", "proto-dst 25565-25666", "one port more"),
             ("udp ct original proto-dst 7000-7010", "udp ct original proto-dst 7000-7011", "one port more"),
             ("hook forward", "hook output", "another hook"), ("hook input", "hook output", "another hook"),
             ("policy drop", "policy accept", "another policy"), ("ct original proto-dst", "th dport", "the port after DNAT"),
             ("ct status dnat goto published", "ct status dnat accept", "DNAT is enough"),
             ("--ctorigdstport 6000:6004", "--ctorigdstport 6000:6005", "one port more"),
             ("--ctorigdstport 25565:25665", "--ctorigdstport 25565:25666", "one port more"),
             ("--dport 25565:25665", "--dport 25565:25666", "one port more"),
             ("10.8.0.0/24", "0.0.0.0/0", "every source"), ("fd00:8::/64", "::/0", "every source")]
    for old, new, what in swaps:
        if any(old in line for line in lines):
            yield f"{what}: {old} -> {new}", [line.replace(old, new) if not line.startswith("#") else line for line in lines]


def noticed(lab, text, base, load):
    """The first probes that differ while these rules are loaded."""
    rules = lab.firewall / base.name
    rules.write_text("\n".join(text) + "\n")
    done = load(rules)
    if done.returncode:
        raise Failure(f"these rules do not load, so the break says nothing: {done.stderr.strip()}")
    for ask in (lambda report: firewall_lab.probes(lab, report, "dnat", guarded=True), lambda report: proxied(lab, report),
                lambda report: firewall_lab.limits(lab, report), lambda report: opened(lab, report, load)):
        report = firewall_lab.Report()
        ask(report)
        if found := [f"{what}: {found}" for _, what, expected, found, _ in report.rows if expected != found]:
            return found
    return []


def opened(lab, report, load):
    """What the tool beside the table was told before. Only where the table alone is broken: the tool keeps what it was told."""
    if load.__name__ == "quick" and not lab.kind.owns_input:
        lab.kind.open(lab, [*SCENARIO.admin, *SCENARIO.sources, *SCENARIO.named, *SCENARIO.guarded])
        proxied(lab, report)


def proxied(lab, report):
    lab.publish("proxy")
    firewall_lab.probes(lab, report, "proxy", guarded=True, dnat=False)
    lab.publish("dnat")


def main():
    kind, words = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        firewall = bundle(kind, Path(folder) / "out")
        tool = KINDS[kind]()
        base = next(firewall.glob("stockade.nft"), firewall / "stockade.rules")
        lines = base.read_text().splitlines()
        broken = [it for it in (*removed(lines), *changed(lines)) if not words or any(word in it[0] for word in words)]
        with Lab(firewall, SCENARIO, tool) as lab:
            lab.publish("dnat")
            lab.settle()
            tool.start(lab)

            def slow(_):
                return lab.script("apply", "--yes", "--replace")

            def quick(rules):
                return lab.at("host", "nft", "-f", rules, check=False)

            if wrong := noticed(lab, lines, base, slow):
                raise Failure(f"unbroken rules differ: {wrong}")
            missed = 0
            for what, text in broken:
                began = time.monotonic()
                # What the tool itself is told goes through `apply`, and so do chains of iptables.
                own = "#" in what or base.suffix == ".rules"
                found = noticed(lab, text, base, slow if own else quick)
                lab.publish("dnat")
                if own and base.suffix == ".nft":
                    base.write_text("\n".join(lines) + "\n")
                    slow(base)
                excused = next((why for rule, why in EQUIVALENT.items() if rule in what), None)
                missed += not found and not excused
                print(f"{'seen' if found else f'same ({excused})' if excused else 'MISS'} {what}{f' ({len(found)}: {found[0]})' if found else ''}"
                      f" ({time.monotonic() - began:.0f} s)", flush=True)
            tool.stop(lab)
    print(f"{len(broken) - missed} of {len(broken)} noticed")
    return 1 if missed or not broken else 0


if __name__ == "__main__":
    # A plain end would leave folders behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    try:
        sys.exit(main())
    except (Failure, subprocess.SubprocessError) as failure:
        print(f"lab: {failure}", file=sys.stderr)
        sys.exit(2)
