"""Each kind of firewall on a real Docker engine: HyOS runs, and beside it a container nobody told the profile about."""

import json
import subprocess
import sys

import rig
from rig import shared
from walls.kinds import KINDS
from walls.lab import AGENTS, script

STRANGER = [("tcp", 9443), ("udp", 9444)]  # published by the container nobody knows
HOST = [("tcp", 22), ("tcp", 9100)]  # processes of the host
GAME, WEB = ("udp", 5520), [("tcp", 80), ("tcp", 443)]
ALL = [GAME, *WEB, *STRANGER, *HOST]


class Rigged:
    """What the kinds need to know of a host, here the engine's."""

    imitates_docker, bridge = False, "br-hyos-front"

    def __init__(self, engine, bundle, kind):
        self.engine, self.host, self.kind = engine, engine.host, kind
        self.folder, self.firewall = engine.folder / f"lab-{kind.name}", bundle.path / "firewall"
        self.folder.mkdir(exist_ok=True)

    def at(self, _, *command, **options):
        return self.host.run(*command, **options)

    def nft(self, text):
        self.host.run("nft", "-f", "-", input=text)

    def script(self, name, *arguments, **options):
        return script(self, name, *arguments, **options)


class Probes(shared.Case):
    """One stack for all kinds; a class below chooses the engine."""

    @classmethod
    def setUpClass(cls):
        cls.bundle = rig.Bundle(cls.engine, rig.profile("nginx"), name="firewalled")
        cls.addClassCleanup(cls.bundle.remove)
        stack = rig.Stack(cls.engine, cls.bundle)
        cls.addClassCleanup(stack.__exit__)
        cls.stack = stack.__enter__()
        image = next(s["image"] for name, s in stack.config["services"].items() if name == "hyos-server")
        publish = [word for protocol, port in STRANGER for word in ("-p", f"{port}:{port}/{protocol}")]
        cls.engine.docker("run", "-d", "--name", "stranger", "--restart", "always", *publish, "-v", f"{AGENTS}:/agents.py:ro",
                          "--entrypoint", "python3", image, "/agents.py", "serve", json.dumps(STRANGER))
        cls.addClassCleanup(cls.engine.docker, "rm", "-f", "stranger", check=False)
        listener = cls.engine.host.start(sys.executable, AGENTS, "serve", json.dumps(HOST), stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(listener.kill)
        assert listener.stdout.readline().strip() == "ready"

    def reach(self, client, questions):
        done = self.engine.clients[client].run(sys.executable, AGENTS, "reach", json.dumps(questions))
        return json.loads(done.stdout)

    def open_to(self, client, version=4):
        """Ports of the host that a client reaches."""
        address = rig.host_address(client, version)
        return {port for port, yes in zip(ALL, self.reach(client, [(address, *port) for port in ALL])) if yes}

    def from_container(self, service, questions):
        pid = self.stack.pid(service)
        done = self.engine.host.run("nsenter", "--target", pid, "--net", sys.executable, AGENTS, "reach", json.dumps(questions))
        return json.loads(done.stdout)

    def settle(self):
        """Every container runs, and what is published without rules answers."""
        self.stack.up()
        rig.wait_until(lambda: self.engine.inspect("stranger")[0]["State"]["Running"], "the other container runs", 30)

    def unguarded(self, stage, host=HOST):
        """All that is published is open, and so are these ports of the host."""
        expected = {GAME, *WEB, *STRANGER, *host}
        rig.wait_until(lambda: self.open_to("internet") == expected, lambda: f"{stage}: all is open, as Docker leaves it; "
                       f"found {self.open_to('internet')}", 20)

    def guarded(self, stage, sweep=False):
        admin = {GAME, *WEB, ("tcp", 22)}
        rig.wait_until(lambda: self.open_to("admin") == admin, lambda: f"{stage}: the admin network reaches {admin}; found "
                       f"{self.open_to('admin')}", 20)
        with self.subTest(stage=stage, client="internet"):
            self.assertEqual(self.open_to("internet"), {GAME})
        with self.subTest(stage=stage, client="internet", version=6):
            self.assertEqual(self.open_to("internet", 6), set())
        with self.subTest(stage=stage, what="containers by their own address"):
            addresses = [net["IPAddress"] for name in ("proxy", "hyos-server", "hyos-manager") for net in
                         self.stack.container(name)["NetworkSettings"]["Networks"].values()]
            asked = [(address, "tcp", port) for address in addresses for port in (8443, 3000, 30381)]
            self.assertEqual(self.reach("internet", asked), [False] * len(asked))
        with self.subTest(stage=stage, what="containers"):
            out = (rig.client_address("internet"), "tcp", 7777)
            server = self.stack.container("hyos-manager")["NetworkSettings"]["Networks"]["hyos_edge"]["IPAddress"]
            self.assertEqual(self.from_container("hyos-server", [out]), [True], "a network with a way out")
            self.assertEqual(self.from_container("hyos-manager", [out]), [False], "networks without one")
            self.assertEqual(self.from_container("proxy", [(server, "tcp", 3000)]), [True], "members of one network")
        if sweep:
            done = self.engine.clients["internet"].run(sys.executable, AGENTS, "sweep", json.dumps(rig.host_address("internet")))
            self.assertEqual(json.loads(done.stdout), [], f"{stage}: TCP ports of 1-65535 open to the internet")

    def life(self, name, sweep=False):
        kind = KINDS[name]()
        bundle = rig.Bundle(self.engine, rig.profile("nginx", firewall={"kind": kind.name}), name=f"rules-{name}")
        self.addCleanup(bundle.remove)
        lab = Rigged(self.engine, bundle, kind)
        beside = not kind.owns_input
        # firewalld's own zone lets everybody at ssh; ufw lets nobody at anything.
        alone = [("tcp", 22)] if name == "firewalld" else []
        out = self.engine.clients["internet"].start(sys.executable, AGENTS, "serve", json.dumps([("tcp", 7777)]),
                                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(out.kill)
        out.stdout.readline()

        def status(expected, script, *arguments):
            done = lab.script(script, *arguments)
            self.assertEqual(done.returncode, expected, f"{script} {arguments}: {done.stderr}")

        self.settle()
        self.unguarded("before")
        if beside:
            kind.start(lab)
            self.addCleanup(self.engine.restart)
            self.addCleanup(kind.stop, lab)
            # Docker tells firewalld of its bridges when it starts.
            self.engine.restart()
            self.settle()
            self.unguarded(f"{name} alone", alone)
        status(1, "verify")
        status(0, "apply", "--yes")
        self.addCleanup(lab.script, "rollback", "--remove")
        status(0, "verify")
        self.guarded("applied", sweep)
        self.engine.restart()
        self.settle()
        status(0, "verify")
        self.guarded("after a restart of dockerd")
        kind.nudge(lab)
        status(1, "verify")
        status(0, "apply", "--yes", "--install")
        self.guarded("applied again")
        if beside:
            kind.reload(lab)
            status(0, "verify")
            self.guarded(f"after reloads of {name}")
        status(0, "rollback", "--remove")
        status(1, "verify")
        self.unguarded("removed", alone if beside else HOST)


class Firewalls(Probes):
    """Debian's engine with its docker-proxy, which also serves IPv6."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        super().setUpClass()

    def test_nftables(self):
        self.life("nftables", sweep=True)

    def test_iptables(self):
        self.life("iptables", sweep=True)

    def test_ufw(self):
        self.life("ufw")

    def test_firewalld(self):
        self.life("firewalld")


class WithoutProxy(Probes):
    """An engine without docker-proxy."""

    @classmethod
    def setUpClass(cls):
        cls.engine = rig.Engine("--userland-proxy=false").__enter__()
        cls.addClassCleanup(cls.engine.__exit__)
        super().setUpClass()

    def test_nftables(self):
        self.life("nftables")

    def test_iptables(self):
        self.life("iptables")

    def test_ufw(self):
        self.life("ufw")

    def test_firewalld(self):
        self.life("firewalld")


del Probes
