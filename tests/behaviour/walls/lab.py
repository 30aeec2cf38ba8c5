"""The network of the lab: internet ── host ── admin network, and containers behind bridges of the host.

Docker is imitated: a `br-…` bridge and a DNAT table of its own, or a proxy that listens on the host. Everything lives in
namespaces that end with this process.
"""

import contextlib
import ipaddress
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from rig.engine import PREFIX, sweep
from rig.namespaces import Machine, Namespace
from rig.process import Failure, environment, run, wait_until

AGENTS = Path(__file__).with_name("agents.py")
HOST = {"internet": ("198.51.100.1", "2001:db8:51::1"), "admin": ("172.31.255.1", "fd00:5afe::1")}
INTERNET = ("198.51.100.2", "2001:db8:51::2")
CONTAINER, MATE = ("172.28.0.2", "fd00:28::2"), ("172.28.0.3", "fd00:28::3")
# Networks of which "internet" has every address, of a /24 and a /48.
CROWD = ("192.0.3", "2001:db8:77")
EGRESS, LOOPBACK_PORT, PRIVATE = ("tcp", 7777), ("tcp", 9000), ("tcp", 8888)
DOCKER_API = [("tcp", 2375), ("tcp", 2376)]


@dataclass
class Scenario:
    """Who may reach what by the bundle's rules. Ports are `("tcp", 443)`."""

    public: list = field(default_factory=list)  # published, for everybody
    admin: list = field(default_factory=list)  # published, for the admin networks
    closed: list = field(default_factory=list)  # published by something the profile does not know
    ssh: int = 22
    ssh_public: bool = False
    named: dict = field(default_factory=dict)  # port of the host: addresses outside the admin networks that may reach it
    inside: list = field(default_factory=list)  # ports of the host for containers of the bundle's network alone
    guarded: list = field(default_factory=list)  # ports of the host for nobody
    limited: dict = field(default_factory=dict)  # port of the host, for everybody: connections one source may open at once
    denied: list = field(default_factory=list)  # addresses that the bundle's containers may not reach
    spared: list = field(default_factory=list)  # exceptions from those
    sources: dict = field(default_factory=dict)  # published for these addresses alone
    bridges: dict = field(default_factory=dict)  # bridges the profile names: addresses that containers there may not reach
    slowed: dict = field(default_factory=dict)  # published UDP port, for everybody: packets a second from one source
    fast: dict = field(default_factory=dict)  # published UDP port, for everybody: new flows a second from one source
    opened: list = field(default_factory=list)  # ports of the host, and protocols without, that the profile opens to everybody
    shut: list = field(default_factory=list)  # the same for those it does not
    bridge: str = ""  # interface of the bundle's network

    @property
    def published(self):
        """Host ports that containers publish."""
        return [*self.public, *self.admin, *self.sources, *(self.closed or [("tcp", 9443), ("udp", 9444)]), *DOCKER_API[1:]]

    @property
    def on_host(self):
        """Ports that processes of the host listen on."""
        return sorted({*self.named, *self.inside, *self.guarded, *self.limited, *self.opened, *self.shut, ("tcp", self.ssh)})


class Lab:
    """The namespaces; `with` ends them and everything that runs in them."""

    imitates_docker = True

    def __init__(self, firewall, scenario, kind):
        self.firewall, self.scenario, self.kind = Path(firewall).resolve(), scenario, kind
        self.bridge = scenario.bridge or "br-lab"
        # By role of the container: its bridge, and the start of its network in both families.
        self.behind = {"container": (self.bridge, "172.28.0", "fd00:28"), "other": ("br-other", "172.29.0", "fd00:29")}
        self.behind |= {name: (name, f"10.{number}.0", f"fd00:{number}") for number, name in enumerate(scenario.bridges, 30)}
        self.bridges = [bridge for bridge, _, _ in self.behind.values()]
        self.admin = self._admin_addresses()

    def _admin_addresses(self):
        """One client address a family out of the networks that may use ssh; None where there is none."""
        rules = next(self.firewall.glob("stockade.*[st]")).read_text()
        networks = [network for network in re.findall(r"^#open tcp \S+ ssh (\S+)", rules, re.M) if network != "any"]
        found = [None, None]
        for network in map(ipaddress.ip_network, networks):
            index = 0 if network.version == 4 else 1
            found[index] = found[index] or str(network[2] if network.num_addresses > 2 else network[0])
        return tuple(found)

    def __enter__(self):
        sweep()
        self.closing = contextlib.ExitStack()
        try:
            self.folder = Path(self.closing.enter_context(tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-lab-")))
            self.host = Machine(self.folder)
            self.closing.callback(self.host.close)
            self.spaces = {"host": self.host}
            for role in ("internet", "admin", "mate", *self.behind):
                self.spaces[role] = Namespace()
                self.closing.callback(self.spaces[role].close)
            self._build()
            self.proxies = []
        except BaseException:
            self.closing.close()
            raise
        return self

    def __exit__(self, *_):
        self.closing.close()

    def at(self, role, *command, **options):
        return self.spaces[role].run(*command, **options)

    def _ip(self, role, *lines):
        for line in lines:
            self.at(role, "ip", *line.split())

    def _build(self):
        devices = {"internet": "wan0", "admin": "lan0", "mate": "mate0"} | {role: f"ctr{n}" for n, role in enumerate(self.behind)}
        for bridge, v4, v6 in self.behind.values():
            self._ip("host", f"link add {bridge} type bridge", f"link set {bridge} up",
                     f"addr add {v4}.1/24 dev {bridge}", f"addr add {v6}::1/64 dev {bridge} nodad")
        for role, device in devices.items():
            run("ip", "link", "add", device, "netns", self.host.pid, "type", "veth", "peer", "up0", "netns",
                self.spaces[role].pid)
            self._ip("host", f"link set {device} up")
            self._ip(role, "link set up0 up")
        self._ip("host", *(f"link set {devices[role]} master {bridge}" for role, (bridge, _, _) in self.behind.items()),
                 f"link set mate0 master {self.bridge}", "addr add 198.51.100.1/24 dev wan0", "addr add 2001:db8:51::1/64 dev wan0 nodad",
                 "addr add 172.31.255.1/32 dev lan0", "addr add fd00:5afe::1/128 dev lan0 nodad")
        # `lo` is down in "internet", so that it can send packets for 127.0.0.1 to the host.
        self._ip("internet", "link set lo down", "addr flush dev lo", "addr add 198.51.100.2/24 dev up0",
                 "addr add 2001:db8:51::2/64 dev up0 nodad",
                 *(f"route add {v4}.0/24 via 198.51.100.1" for _, v4, _ in self.behind.values()),
                 *(f"-6 route add {v6}::/64 via 2001:db8:51::1" for _, _, v6 in self.behind.values()))
        self.at("internet", "sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1")
        self._ip("internet", "route add 127.0.0.1 via 198.51.100.1 src 198.51.100.2")
        for role, (_, v4, v6) in self.behind.items():
            self._ip(role, f"addr add {v4}.2/24 dev up0", f"addr add {v6}::2/64 dev up0 nodad",
                     f"route add default via {v4}.1", f"-6 route add default via {v6}::1")
        for address, gateway, length in zip(self.admin, HOST["admin"], (32, 128)):
            if address:
                nodad = " nodad" if length == 128 else ""
                self._ip("admin", f"addr add {address}/{length} dev up0{nodad}",
                         f"route add {gateway}/{length} dev up0 src {address}")
                self._ip("host", f"route add {address}/{length} dev lan0")
        # Both families: every address of these networks is its own.
        self._ip("internet", f"route add local {CROWD[0]}.0/24 dev up0", f"-6 route add local {CROWD[1]}::/48 dev up0")
        self._ip("host", f"route add {CROWD[0]}.0/24 via 198.51.100.2", f"-6 route add {CROWD[1]}::/48 via 2001:db8:51::2")
        # Named sources and destinations for containers are further addresses of "internet".
        scenario = self.scenario
        further = {*scenario.denied, *scenario.spared, *(a for list_ in scenario.named.values() for a in list_),
                   *(a for list_ in scenario.sources.values() for a in list_)}
        for address in sorted(further - set(INTERNET)):
            v6 = ":" in address
            nodad, length = (" nodad", 128) if v6 else ("", 32)
            # Deprecated, so that nothing is sent from it unless a probe says so.
            self._ip("internet", f"addr add {address}/{length} dev up0{nodad} preferred_lft 0")
            self._ip("host", f"route add {address}/{length} dev wan0")
        # What was let in before the rules is forgotten at once where a protocol has no ports and no end.
        self.at("host", "sysctl", "-qw", "net.netfilter.nf_conntrack_generic_timeout=1", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self.start("container", "serve", sorted({target for _, target in self.mapping()} | {LOOPBACK_PORT}))
        self.start("internet", "serve", [EGRESS, *scenario.slowed])
        # Another container of the bundle's network. What bridges carry meets the firewall where the kernel is told so.
        self._ip("mate", *(f"addr add {address}" for address in (f"{MATE[0]}/24 dev up0", f"{MATE[1]}/64 dev up0 nodad")))
        for role in {"mate", *self.behind} - {"container"}:
            self.start(role, "serve", [PRIVATE])
        self.start("host", "serve", [*scenario.on_host, DOCKER_API[0]])

    def address(self, role):
        """Addresses of a container, of both families."""
        _, v4, v6 = self.behind[role]
        return f"{v4}.2", f"{v6}::2"

    def gateway(self, role):
        """The host's addresses on the bridge of a container."""
        _, v4, v6 = self.behind[role]
        return f"{v4}.1", f"{v6}::1"

    def settle(self):
        """Waits until IPv6 answers through the new bridge, which takes a second or two."""
        question = [(CONTAINER[1], *target) for _, target in self.mapping()]
        wait_until(lambda: all(self.ask("internet", question)), "the container answers over IPv6 without any rules", 15)

    def mapping(self):
        """Host port to container port, rotated: the public port leads where an admin port's number is, and so on."""
        for protocol in ("tcp", "udp"):
            ports = [port for proto, port in self.scenario.published if proto == protocol]
            for index, port in enumerate(ports):
                yield (protocol, port), (protocol, ports[index - 1])

    def publish(self, how):
        """`dnat` as Docker's own tables do it, or `proxy`: a process on the host listens."""
        self.nft("add table inet fake_docker\ndelete table inet fake_docker\n")
        for proxy in self.proxies:
            end(proxy)
        self.proxies = []
        if how == "proxy":
            self.proxies = [self.start("host", "serve", self.scenario.published)]
            return
        rules = [f"fib daddr type local {proto} dport {port} dnat {family} to {where}:{target}"
                 for (proto, port), (_, target) in self.mapping()
                 for family, where in (("ip", CONTAINER[0]), ("ip6", f"[{CONTAINER[1]}]"))]
        rules.append(f"ip daddr 127.0.0.1 tcp dport {LOOPBACK_PORT[1]} dnat ip to {CONTAINER[0]}:{LOOPBACK_PORT[1]}")
        text = "\n".join(rules)
        self.nft(f"""table inet fake_docker {{
            chain pre {{ type nat hook prerouting priority dstnat;
            {text}
            }}
            chain post {{ type nat hook postrouting priority srcnat;
            oifname "wan0" ip saddr {{ {", ".join(f"{v4}.0/24" for _, v4, _ in self.behind.values())} }} masquerade
            oifname "wan0" ip6 saddr {{ {", ".join(f"{v6}::/64" for _, _, v6 in self.behind.values())} }} masquerade
            }}
        }}""")

    def nft(self, text):
        self.at("host", "nft", "-f", "-", input=text)

    def start(self, role, task, argument):
        child = self.spaces[role].start(sys.executable, AGENTS, task, json.dumps(argument), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if child.stdout.readline().strip() != "ready":
            raise Failure(f"`{task}` did not start in {role}")
        return child

    def ask(self, role, questions):
        """Which of the questions, `(address, protocol, port[, source])`, are answered."""
        return json.loads(self.at(role, sys.executable, AGENTS, "probe", json.dumps(questions)).stdout)

    def burst(self, role, question, times):
        """How many of so many askings at once are answered."""
        return json.loads(self.at(role, sys.executable, AGENTS, "burst", json.dumps([question, times])).stdout)

    def stream(self, role, question, times):
        """Packets sent one after the other, and how many were answered in how many seconds."""
        return json.loads(self.at(role, sys.executable, AGENTS, "stream", json.dumps([question, times])).stdout)

    def spread(self, role, question, network, sources, flows):
        """Datagrams of many sources of one network, and how many were answered; in how many seconds they were sent."""
        argument = [question, network, sources, flows]
        return json.loads(self.at(role, sys.executable, AGENTS, "spread", json.dumps(argument)).stdout)

    def chat(self, role, question, times):
        """How often one connection carries a word there and back."""
        return json.loads(self.at(role, sys.executable, AGENTS, "chat", json.dumps([question, times])).stdout)

    @property
    def state(self):
        """Where the scripts keep their state."""
        return self.folder / "state"

    def script(self, name, *arguments, ssh=None):
        """Runs a script of the bundle on the host, as if over ssh."""
        return script(self, name, *arguments, ssh=ssh)


def script(lab, name, *arguments, ssh=None):
    """Runs a script of the bundle on the host of a lab, as if over ssh."""
    # Never empty: else the script asks the processes above, which may well run over ssh.
    extra = {"STOCKADE_STATE_DIR": str(lab.folder / "state"), "STOCKADE_ROOT": str(lab.folder / "root"),
             "SSH_CONNECTION": ssh or "127.0.0.1 1 127.0.0.1 22"}
    words = environment(**extra)
    words["PATH"] = f"{lab.kind.path(lab)}{words['PATH']}"
    return lab.host.run(lab.firewall / name, *arguments, check=False, env=words)


def end(child):
    """Ends a process that was started in a namespace of processes; `nsenter` stands between."""
    for pid in Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split():
        os.kill(int(pid), signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(20)
    child.kill()
    child.wait()
