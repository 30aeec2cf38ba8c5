#!/usr/bin/env python3
"""Loads a generated firewall in network namespaces and asks it with packets.

    sudo tests/behaviour/firewall_lab.py BUNDLE/firewall --public tcp/443 --public udp/5520 --admin tcp/8443

Needs root, iproute2, nftables, util-linux and Python 3.9. Four namespaces of its own (internet, admin network, host,
container) are made and removed again; the rules and the services of this machine are never touched. Docker is imitated:
a `br-…` bridge and a DNAT table of its own, then, in a second pass, a proxy that listens on the host. Every port is
first asked without the firewall, so that "closed" cannot mean "nobody was listening".
Exit status: 0 all as expected, 1 a probe differs, 2 wrong usage or the lab could not be built.
"""

import argparse
import contextlib
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HOST = {"internet": ("198.51.100.1", "2001:db8:51::1"), "admin": ("172.31.255.1", "fd00:5afe::1")}
INTERNET = ("198.51.100.2", "2001:db8:51::2")
CONTAINER = ("172.28.0.2", "fd00:28::2")
EGRESS, LOOPBACK_PORT = ("tcp", 7777), ("tcp", 9000)
DOCKER_API = [("tcp", 2375), ("tcp", 2376)]
PATIENCE = 1.0


# --- run inside a namespace: `--role serve` and `--role probe`


def serve(ports):
    """Answers every connection and datagram with `ok`, until it is killed."""

    def answer_tcp(listener):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    def echo(connection):
        with contextlib.suppress(OSError), connection:
            connection.sendall(b"ok")
            while data := connection.recv(64):
                connection.sendall(data)

    def answer_udp(sock):
        while True:
            _, peer = sock.recvfrom(64)
            sock.sendto(b"ok", peer)

    for protocol, port in ports:
        # One socket a family: a datagram must be answered from the address it was sent to.
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
            sock = socket.socket(family, kind)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address, port))
            if protocol == "tcp":
                sock.listen(512)
            target = answer_tcp if protocol == "tcp" else answer_udp
            threading.Thread(target=target, args=(sock,), daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


def ask(address, protocol, port, patience=PATIENCE):
    """True when the service behind the port answers."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with socket.socket(family, kind) as sock:
        sock.settimeout(patience)
        try:
            sock.connect((address, port))
            if protocol == "udp":
                sock.send(b"?")
            return sock.recv(64) == b"ok"
        except OSError:
            return False


def probe(questions):
    with ThreadPoolExecutor(64) as pool:
        print(json.dumps(list(pool.map(lambda question: ask(*question), questions))))


def hammer(questions):
    """Asks in turn until standard input ends; prints how often each was answered and how often not."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    counts = [[0, 0] for _ in questions]

    def knock(index):
        while not stop.is_set():
            counts[index][0 if ask(*questions[index], 0.3) else 1] += 1
            time.sleep(0.02)  # below the new-connection limits a bundle may set

    with ThreadPoolExecutor(len(questions)) as pool:
        print("ready", flush=True)
        list(pool.map(knock, range(len(questions))))
    print(json.dumps(counts))


# --- the lab


def run(*command, check=True, **options):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if check and result.returncode:
        raise SystemExit(f"lab: `{' '.join(map(str, command))}` failed: {result.stderr.strip()}")
    return result


class Lab:
    """The four namespaces; `with` removes them and everything that runs in them."""

    def __init__(self, firewall, ports):
        self.firewall, self.ports = Path(firewall).resolve(), ports
        self.names = {role: f"stockade-{os.getpid()}-{role}" for role in ("internet", "admin", "host", "container")}
        self.bridge = f"br-lab{os.getpid() % 10**6}"
        self.admin = self._admin_addresses()
        self.scratch = tempfile.TemporaryDirectory(prefix="stockade-lab-")

    def _admin_addresses(self):
        """One client address a family out of the bundle's own admin networks; None where there is none."""
        script = 'nft -f "$1" && nft -j list set inet stockade admin4 && nft -j list set inet stockade admin6'
        answer = run("unshare", "-n", "sh", "-c", script, "lab", self.firewall / "stockade.nft").stdout
        found = []
        for line in answer.splitlines():
            elements = next(item["set"] for item in json.loads(line)["nftables"] if "set" in item).get("elem", [])
            if not elements:
                found.append(None)
            elif isinstance(elements[0], str):
                found.append(elements[0])
            else:
                prefix = elements[0].get("prefix")
                network = ipaddress.ip_network(f"{prefix['addr']}/{prefix['len']}") if prefix else None
                found.append(str(network[2]) if network else elements[0]["range"][0])
        return tuple(found)

    def __enter__(self):
        self.children = []
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.names.values():
            pids = run("ip", "netns", "pids", name, check=False).stdout.split()
            for pid in pids:  # only processes of our own live there, the rollback timers among them
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", name, check=False)
        for child in self.children:
            child.wait()
        self.scratch.cleanup()

    def at(self, role, *command, **options):
        return run("ip", "netns", "exec", self.names[role], *command, **options)

    def _build(self):
        for name in self.names.values():
            run("ip", "netns", "add", name)
        host, bridge = self.names["host"], self.bridge
        self._ip("host", "link set lo up", f"link add {bridge} type bridge", f"link set {bridge} up")
        for role, device in (("internet", "wan0"), ("admin", "lan0"), ("container", "ctr0")):
            run("ip", "link", "add", device, "netns", host, "type", "veth", "peer", "up0", "netns", self.names[role])
            self._ip("host", f"link set {device} up")
            self._ip(role, "link set up0 up")
        self._ip("host", f"link set ctr0 master {bridge}", f"addr add 172.28.0.1/24 dev {bridge}",
                 f"addr add fd00:28::1/64 dev {bridge} nodad", "addr add 198.51.100.1/24 dev wan0",
                 "addr add 2001:db8:51::1/64 dev wan0 nodad", "addr add 172.31.255.1/32 dev lan0",
                 "addr add fd00:5afe::1/128 dev lan0 nodad")
        # `lo` stays down in "internet", so that it can send packets for 127.0.0.1 to the host.
        self._ip("internet", "addr add 198.51.100.2/24 dev up0", "addr add 2001:db8:51::2/64 dev up0 nodad",
                 "route add 172.28.0.0/24 via 198.51.100.1", "-6 route add fd00:28::/64 via 2001:db8:51::1")
        self.at("internet", "sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1")
        self._ip("internet", "route add 127.0.0.1 via 198.51.100.1 src 198.51.100.2")
        self._ip("container", "link set lo up", "addr add 172.28.0.2/24 dev up0",
                 "addr add fd00:28::2/64 dev up0 nodad", "route add default via 172.28.0.1",
                 "-6 route add default via fd00:28::1")
        for address, gateway, length in zip(self.admin, HOST["admin"], (32, 128)):
            if address:
                nodad = " nodad" if length == 128 else ""
                self._ip("admin", f"addr add {address}/{length} dev up0{nodad}",
                         f"route add {gateway}/{length} dev up0 src {address}")
                self._ip("host", f"route add {address}/{length} dev lan0")
        self.at("host", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        container_ports = {target for _, target in self.mapping()} | {LOOPBACK_PORT}
        self.start("container", "serve", sorted(container_ports))
        self.start("internet", "serve", [EGRESS])
        self.start("host", "serve", [("tcp", self.ports.ssh)] + [("tcp", 2375)])

    def _ip(self, role, *lines):
        for line in lines:
            run("ip", "-n", self.names[role], *line.split())

    def settle(self):
        """Waits until IPv6 answers through the new bridge, which takes a second or two."""
        question = [(CONTAINER[1], *target) for _, target in self.mapping()]
        end = time.monotonic() + 15
        while not all(self.ask("internet", question)):
            if time.monotonic() > end:
                raise SystemExit("lab: the container does not answer over IPv6 without any rules")

    def mapping(self):
        """Host port to container port, rotated: the public port leads where an admin port's number is, and so on."""
        for protocol in ("tcp", "udp"):
            ports = [port for proto, port in self.ports.published if proto == protocol]
            for index, port in enumerate(ports):
                yield (protocol, port), (protocol, ports[index - 1])

    def publish(self, how):
        """`dnat` as Docker's own tables do it, or `proxy`: a process on the host listens."""
        self.at("host", "nft", "-f", "-", input="add table inet fake_docker\ndelete table inet fake_docker\n")
        if how == "proxy":
            self.start("host", "serve", self.ports.published)
            return
        rules = [f"fib daddr type local {proto} dport {port} dnat {family} to {where}:{target}"
                 for (proto, port), (_, target) in self.mapping()
                 for family, where in (("ip", CONTAINER[0]), ("ip6", f"[{CONTAINER[1]}]"))]
        rules.append(f"ip daddr 127.0.0.1 tcp dport {LOOPBACK_PORT[1]} dnat ip to {CONTAINER[0]}:{LOOPBACK_PORT[1]}")
        text = "\n".join(rules)
        self.at("host", "nft", "-f", "-", input=f"""table inet fake_docker {{
            chain pre {{ type nat hook prerouting priority dstnat;
            {text}
            }}
            chain post {{ type nat hook postrouting priority srcnat;
            oifname "wan0" ip saddr 172.28.0.0/24 masquerade
            oifname "wan0" ip6 saddr fd00:28::/64 masquerade
            }}
        }}""")

    def start(self, role, task, argument):
        child = subprocess.Popen(
            ["ip", "netns", "exec", self.names[role], sys.executable, __file__, "--role", task, json.dumps(argument)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.children.append(child)
        if child.stdout.readline().strip() != "ready":
            raise SystemExit(f"lab: `{task}` did not start in {role}")
        return child

    def ask(self, role, questions):
        answer = self.at(role, sys.executable, __file__, "--role", "probe", json.dumps(questions))
        return json.loads(answer.stdout)

    def script(self, name, *arguments, ssh=None):
        environment = {k: v for k, v in os.environ.items() if k not in ("SSH_CONNECTION", "SUDO_USER")}
        environment["STOCKADE_STATE_DIR"] = f"{self.scratch.name}/state"
        environment["STOCKADE_ROOT"] = f"{self.scratch.name}/root"
        # Never empty: else the script asks the processes above, which may well run over ssh.
        environment["SSH_CONNECTION"] = ssh or "127.0.0.1 1 127.0.0.1 22"
        return self.at("host", self.firewall / name, *arguments, check=False, env=environment,
                       stdin=subprocess.DEVNULL)

    def nft(self, *command):
        return self.at("host", "nft", *command)

    def loaded(self):
        return self.at("host", "nft", "list", "table", "inet", "stockade", check=False).returncode == 0


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
    ports = lab.ports

    def expect(role, labelled):
        answers = lab.ask(role, [question for _, question, _ in labelled])
        for (what, _, is_open), answer in zip(labelled, answers):
            report.add(stage, what, "open" if is_open else "closed", "open" if answer else "closed")

    for role in ("internet", "admin"):
        allowed = set(ports.public) | (set(ports.admin) if role == "admin" else set())
        if role == "admin" or ports.ssh_public:
            allowed |= {("tcp", ports.ssh)}
        questions = []
        for version, address in ((4, HOST[role][0]), (6, HOST[role][1])):
            if role == "admin" and not lab.admin[0 if version == 4 else 1]:
                continue
            for protocol, port in ports.published + [("tcp", ports.ssh)]:
                is_open = (protocol, port) in allowed or not guarded
                questions.append((f"{role} -> {protocol}/{port}, IPv{version}", (address, protocol, port), is_open))
        expect(role, questions)
    targets = sorted({target for _, target in lab.mapping()})
    direct = [(f"internet -> container {p}/{n}, IPv{v}, routed", (a, p, n), not guarded)
              for v, a in zip((4, 6), CONTAINER) for p, n in targets]
    if dnat:
        # The public number on 127.0.0.1 too: only the guard in front of DNAT tells it from the public port.
        for target in [LOOPBACK_PORT] + [p for p in ports.public if p[0] == "tcp"][:1]:
            direct.append((f"internet -> 127.0.0.1 tcp/{target[1]}", ("127.0.0.1", *target), not guarded))
    expect("internet", direct)
    expect("container", [(f"container -> internet, IPv{v}", (a, *EGRESS), True) for v, a in zip((4, 6), INTERNET)
                         if dnat] + [("container -> host tcp/2375", ("172.28.0.1", "tcp", 2375), not guarded)])


def lifecycle(lab, report):
    """apply, confirm, verify and rollback in every state they know."""
    state, stage = Path(lab.scratch.name) / "state", "lifecycle"

    def verify(what, expected):
        report.status(lab.script("verify"), stage, f"verify: {what}", expected)

    def apply(what, expected, *arguments, **options):
        report.status(lab.script("apply", *arguments, **options), stage, f"apply: {what}", expected)

    def wait_for(condition, seconds):
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.1)
        return condition()

    verify("nothing loaded", 1)
    report.status(lab.script("rollback"), stage, "rollback: nothing to go back to", 1)
    report.status(lab.script("apply", "--confirm"), stage, "apply --confirm: nothing waits", 1)
    apply("unknown option", 2, "--frobnicate")
    outsider = f"{INTERNET[0]} 50000 {HOST['internet'][0]} {lab.ports.ssh}"
    if not lab.ports.ssh_public:
        apply("over ssh from the internet", 1, ssh=outsider)
    apply("over ssh to another port", 1, ssh=f"{lab.admin[0] or lab.admin[1]} 5 172.31.255.1 {lab.ports.ssh + 1}")
    report.add(stage, "refused applies changed nothing", "no table", "table" if lab.loaded() else "no table")

    insider = f"{lab.admin[0] or lab.admin[1] or INTERNET[0]} 50000 172.31.255.1 {lab.ports.ssh}"
    apply("unconfirmed, from an admin network", 0, "--timeout", "1", ssh=insider)
    verify("loaded, unconfirmed", 0)
    gone = wait_for(lambda: not lab.loaded() and not (state / "pending").exists(), 10)
    report.add(stage, "unconfirmed rules go by themselves", "gone", "gone" if gone else "still there")
    verify("taken back", 1)

    apply("first, short", 0, "--timeout", "2")
    lab.nft("add", "rule", "inet", "stockade", "input", "accept")
    apply("second while unconfirmed", 0, "--timeout", "300")
    time.sleep(3)  # the first timer has run out by now and must have done nothing
    verify("the older timer let the newer apply be", 0)
    report.status(lab.script("rollback"), stage, "rollback: to before the first of two", 0)
    report.add(stage, "and that was no table", "no table", "table" if lab.loaded() else "no table")

    apply("to be confirmed", 0, "--timeout", "2", "--install")
    report.status(lab.script("apply", "--confirm"), stage, "apply --confirm", 0)
    time.sleep(3)  # its timer has run out by now
    verify("confirmed rules stay", 0)
    boot = Path(lab.scratch.name) / "root/etc/stockade/firewall.nft"
    report.add(stage, "--install copies the rules", "yes", "yes" if boot.is_file() else "no")

    for what, command in {
        "an accept added": ("insert", "rule", "inet", "stockade", "published", "accept"),
        "a chain emptied": ("flush", "chain", "inet", "stockade", "published"),
        "a set emptied": ("flush", "set", "inet", "stockade", "admin4" if lab.admin[0] else "admin6"),
        "an address added": ("add", "element", "inet", "stockade", "admin4", "{ 203.0.113.66 }"),
        "the policy turned": ("chain", "inet", "stockade", "input", "{ policy accept; }"),
        "the table put to sleep": ("add", "table", "inet", "stockade", "{ flags dormant; }"),
        "the table removed": ("delete", "table", "inet", "stockade"),
        "everything flushed": ("flush", "ruleset"),
    }.items():
        if what == "a set emptied" and not any(lab.admin):
            continue
        lab.nft(*command)
        verify(what, 1)
        apply("repairs it", 0, "--yes")
        verify("repaired", 0)
    lab.publish("dnat")

    lab.nft("flush", "chain", "inet", "stockade", "bundle")
    lab.nft("add", "rule", "inet", "stockade", "bundle", "return", "comment", "bundle-somebody")
    verify("another bundle's table", 1)
    apply("over another bundle's table", 1, "--yes")
    report.status(lab.script("rollback", "--remove"), stage, "rollback --remove: another bundle's", 1)
    apply("over it with --replace", 0, "--yes", "--replace")
    verify("replaced", 0)


def hammered(lab, report):
    """Applies again and again under load: nothing closed answers, nothing open refuses, a session lives on."""
    public = lab.ports.public[:1]
    closed = [port for port in lab.ports.published if port not in lab.ports.public]
    questions = [(HOST["internet"][i], *port) for port in public + closed for i in (0, 1)]
    role = "admin" if any(lab.admin) else "internet"
    ssh_host = next((host for host, address in zip(HOST["admin"], lab.admin) if address), HOST["internet"][0])
    session = lab.start(role, "session", [ssh_host, lab.ports.ssh])
    child = lab.start("internet", "hammer", questions)
    for _ in range(40):
        lab.nft("add", "rule", "inet", "stockade", "bundle", "return")  # else there is nothing to apply
        lab.script("apply", "--yes")
    answered = json.loads(child.communicate(timeout=60)[0])
    for question, (yes, no) in zip(questions, answered):
        name = f"{question[1]}/{question[2]} at {question[0]}"
        if question[1:] in public:
            report.add("40 re-applies", f"{name} refused ({yes} answered)", 0, no)
        else:
            report.add("40 re-applies", f"{name} leaked ({no} refused)", 0, yes)
    report.add("40 re-applies", "an ssh session goes on", "alive", session.communicate("x", timeout=20)[0].strip())


def session(address, port):
    with socket.create_connection((address, port), 5) as sock:
        assert sock.recv(2) == b"ok"
        print("ready", flush=True)
        sys.stdin.read()
        sock.sendall(b"still")
        print("alive" if sock.recv(5) == b"still" else "dead", flush=True)


class Ports:
    def __init__(self, arguments):
        self.public, self.admin, self.ssh = arguments.public, arguments.admin, arguments.ssh
        self.ssh_public = arguments.ssh_public
        closed = arguments.closed or [("tcp", 9443), ("udp", 9444)]
        self.published = [*self.public, *self.admin, *closed, *DOCKER_API[1:]]


def port(text):
    protocol, _, number = text.partition("/")
    if protocol not in ("tcp", "udp") or not number.isdigit():
        raise argparse.ArgumentTypeError(f"`{text}` is not like tcp/443")
    return protocol, int(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("firewall", metavar="FIREWALL_DIR")
    parser.add_argument("--public", type=port, action="append", default=[], help="open to everybody: tcp/443")
    parser.add_argument("--admin", type=port, action="append", default=[], help="open to the admin networks")
    parser.add_argument("--closed", type=port, action="append", default=[], help="published, but closed")
    parser.add_argument("--ssh", type=int, default=22, help="port of sshd (default 22)")
    parser.add_argument("--ssh-public", action="store_true", help="ssh is open to any address")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the probes that passed, too")
    arguments = parser.parse_args()
    if os.geteuid():
        parser.error("only root can make network namespaces")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    report = Report()
    with Lab(arguments.firewall, Ports(arguments)) as lab:
        lab.publish("dnat")
        lab.settle()
        probes(lab, report, "no rules", guarded=False)
        lifecycle(lab, report)
        probes(lab, report, "published by DNAT", guarded=True)
        hammered(lab, report)
        probes(lab, report, "after re-applies", guarded=True)
        lab.publish("proxy")
        probes(lab, report, "published by a proxy", guarded=True, dnat=False)
        lab.publish("dnat")
        report.status(lab.script("rollback", "--remove"), "removed", "rollback --remove", 0)
        probes(lab, report, "removed", guarded=False)
    sys.exit(report.show(arguments.verbose))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--role"]:
        argument = json.loads(sys.argv[3])
        {"serve": serve, "probe": probe, "hammer": hammer, "session": lambda a: session(*a)}[sys.argv[2]](argument)
    else:
        main()
