"""Where the checks take place: a bundle that runs on the rig's Docker engine, and its two clients with many addresses."""

import ipaddress
import json
from pathlib import Path

import rig
from rig import images
from rig.namespaces import CLIENTS
from walls.kinds import KINDS
from walls.lab import script

HERE = Path(__file__).resolve().parent
# By client: IPv4 and IPv6. A single client owns 64 bits of the latter.
NETWORKS = {
    "internet": ("198.51.100.0/24", "2001:db8:51::/48"),
    "admin": ("10.8.0.0/24", "fd00:8::/48"),
}
ADDRESSES = 120
APPLICATIONS = ["hyos-manager", "hyos-server", "front"]


def engine():
    """Docker as a current version is out of the box: with rules for IPv6, which Debian's counts as an experiment."""
    return rig.Engine("--experimental", "--ip6tables")


def prepare(engine):
    """Gives both clients their addresses, and the applications' images the stub."""
    for network, (device, *_) in CLIENTS.items():
        lines = []
        for family in (4, 6):
            length, nodad = hosts(network, family).prefixlen, " nodad" if family == 6 else ""
            lines += [f"addr add {client(network, family, turn)}/{length} dev up0{nodad}"
                      for turn in range(1, ADDRESSES + 1)]
        engine.clients[network].run("ip", "-batch", "-", input="\n".join(lines))
        engine.host.run("ip", "route", "replace", NETWORKS[network][1], "dev", device)
    root = images.base()
    for path in ("app/server.js", "opt/java/openjdk/bin/java"):
        root.file(path, HERE / "stub.py", 0o755)
    root.load(engine, images.BASE, ["CMD true"])


class Place:
    """One running bundle, as checks see it."""

    def __init__(self, engine, stack, scratch):
        self.engine, self.stack, self.scratch = engine, stack, scratch
        self.given = {}
        self.applications = [name for name in APPLICATIONS if name in stack.services()]
        self.host, self.firewall = engine.host, stack.bundle.path / "firewall"
        self.kind = KINDS[stack.bundle.firewall]()
        self.folder, self.guarded = scratch / f"firewall-{stack.bundle.path.name}", False
        self.proxy = stack.container("proxy")["Id"]
        self._find_applications()

    def address(self, network, family):
        """The host's address as the clients of this network see it."""
        return rig.host_address(network, family)

    def namespace(self, network):
        """The network namespace of a client, as a path."""
        return f"/proc/{self.engine.clients[network].pid}/ns/net"

    def fresh(self, network, family):
        """The next client address; after many, the first ones come again."""
        turn = self.given[network, family] = self.given.get((network, family), 0) % ADDRESSES + 1
        return client(network, family, turn)

    def neighbour(self, network, address):
        """Another address of the same 64 bits, which belongs to the same client."""
        return self.own(network, str(ipaddress.ip_address(address) + 1))

    def own(self, network, address):
        """Gives the clients of a network this address of it as well."""
        family = ipaddress.ip_address(address).version
        nodad = ["nodad"] if family == 6 else []
        length = hosts(network, family).prefixlen
        self.engine.clients[network].run("ip", "addr", "replace", f"{address}/{length}", "dev", "up0", *nodad)
        return address

    def seen(self):
        """Every request that reached an application since it was started."""
        return [json.loads(line) for file in self.logs for line in file.read_text().splitlines()]

    def access_log(self):
        """The proxy's standard output."""
        return self.engine.docker("logs", self.proxy).stdout

    def messages(self):
        """The proxy's standard error."""
        return self.engine.docker("logs", self.proxy).stderr

    def guard(self, on):
        """Loads the bundle's own firewall as an operator would, or removes it."""
        done = script(self, "apply", "--yes") if on else script(self, "rollback", "--remove")
        if done.returncode or bool(on) != (script(self, "verify").returncode == 0):
            raise rig.Failure(f"firewall: {done.stdout}{done.stderr}")
        self.guarded = on

    def upstream(self, running):
        """Starts or stops the applications behind the proxy. Nobody waits for their health checks: the proxy does not either."""
        containers = [self.stack.container(name)["Id"] for name in self.applications]
        if running:
            self.engine.docker("start", *containers)
            self._find_applications()
        else:
            self.engine.docker("stop", "--time", "1", *containers)

    def tool(self, network, *command):
        """Runs a program in a client network."""
        return self.stack.run_in(network, *command, check=False)

    def wait_for(self, what, condition, seconds=30):
        """Waits for a condition; without it, what the proxy wrote is in the failure."""
        return rig.wait_until(condition, lambda: f"{what}\n{self.stack.evidence()[-4000:]}", seconds, every=0.3)

    def _find_applications(self):
        self.logs = [self.stack.proc(name) / "root/tmp/stub.jsonl" for name in self.applications]


def hosts(network, family):
    return ipaddress.ip_network(NETWORKS[network][0 if family == 4 else 1])


def client(network, family, turn):
    """Client number `turn`, from 1 on; over IPv6 each has a network of 64 bits."""
    first = hosts(network, family)
    return str(first[10 + turn] if family == 4 else first[(turn << 64) + 2])
