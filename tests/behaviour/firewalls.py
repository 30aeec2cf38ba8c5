#!/usr/bin/env python3
"""Every kind of firewall through the packet lab, with the bundles of `golden/host-ports*`, one after the other.

    sudo tests/behaviour/firewalls.py [KIND …]

Exit status: 0 all as expected, 1 a probe differs, 2 the lab could not be built.
"""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import firewall_lab
from rig.process import ROOT, Failure, run
from walls.kinds import KINDS
from walls.lab import Scenario

# What golden/host-ports/gamepanel.system.yaml says, and what somebody else publishes beside it.
SCENARIO = Scenario(
    public=[("tcp", 25565), ("tcp", 25665), ("udp", 7010), ("udp", 25600)],
    admin=[("tcp", 6000), ("tcp", 6004)],
    closed=[("tcp", 25666), ("udp", 7011), ("tcp", 9443)],
    named={port: ["203.0.113.7", "2001:db8:7::9"] for port in (("tcp", 8081), ("tcp", 9200), ("tcp", 9201))},
    inside=[("tcp", 8081)],
    guarded=[("tcp", 9100)],
    opened=[("udp", 51820), ("vrrp", 0)],
    # Not ESP: the kernel remembers the flow from before the rules for ten minutes.
    shut=[("udp", 51821), ("gre", 0)],
    fast={("udp", 25600): 50},
    limited={("tcp", 2022): 20},
    denied=["169.254.169.254", "10.99.0.1", "fd99::1"],
    spared=["10.8.0.9", "fd99::9"],
    sources={("tcp", 7001): ["198.51.100.2", "203.0.113.7", "2001:db8:7::9"]},
    bridges={"docker0": ["169.254.169.254", "fd99::1"], "game0": ["169.254.169.254", "fd99::1"]},
    slowed={("udp", 25600): 300},
)


def bundle(kind, folder):
    """The bundle of a kind, really generated; its `firewall/` folder."""
    case = ROOT / "golden" / ("host-ports" if kind == "nftables" else f"host-ports-{kind.removesuffix('-legacy')}")
    run(ROOT / "target/debug/stockade", "generate", case / "profile.yaml", "--out", folder)
    compose = (folder / "compose.yaml").read_text()
    SCENARIO.bridge = compose.split("com.docker.network.bridge.name: ")[1].split()[0].strip('"}')
    return folder / "firewall"


def main():
    bad = 0
    for kind in sys.argv[1:] or KINDS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            report = firewall_lab.run(bundle(kind, Path(folder) / "out"), kind, SCENARIO)
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
