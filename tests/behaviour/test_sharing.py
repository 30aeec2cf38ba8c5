"""One proxy for several stacks of a host: they join and leave one by one, and those who stay notice nothing.

Two of the stacks have services of the same name, which only their networks tell apart.
"""

import json
import subprocess
import sys

import rig
from rig import shared
from rig.process import environment

SYSTEM = """
format: 1
name: NAME
title: Page of NAME
summary: One of several stacks behind one proxy.
networks:
  front: {purpose: Publishes the proxy's ports., egress: true}
  inside: {purpose: Joins the proxy and the application; nothing leaves it.}
services:
  SERVICE:
    title: The page
    container_name: page-of-NAME
    image: registry.example.com/front/app:1.0.0
    process: {entrypoint: [/app/server.js]}
    entrypoint: [python3, -c, "import sys; sys.path.insert(0, '/stand-in'); import web; web.Server(('', 8000), web.Handler).serve_forever()"]
    command: []
    user: "1000:1000"
    tmpfs:
      - {target: /tmp, size: 16m, mode: "1777"}
    healthcheck:
      command: [curl, -fs, "http://127.0.0.1:8000/rig/seen"]
      interval: 2s
      timeout: 5s
      retries: 3
      start_period: 10s
    limits: {memory: 128m, cpus: "0.5", pids: 64}
    networks: {inside: {}}
    ports:
      web: {container: 8000, protocol: tcp, audience: internal}
    environment: {PORT: "8000"}
edge:
  front: front
  rates:
    general: {rate: 20/1s, burst: 40, purpose: Everything.}
  sites:
    page:
      title: Page
      host: "{{ domain }}"
      upstream: {service: SERVICE, port: 8000, network: inside}
      audience: public
      content_security_policy: "default-src 'self'; frame-ancestors 'none'"
      rate: general
      body: 1m
      paths:
        - {prefix: /rig/socket, streaming: true, timeout: 1h}
        - {prefix: /debug, block: Answers for programmers.}
"""
# Name of the stack: its service.
STACKS = {"my-app": "page", "my_app": "page", "wiki": "wiki"}
# A WebSocket that says each line of standard input and prints what comes back.
SOCKET = """
import base64, os, socket, ssl, struct, sys
address, name, authority = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
link = context.wrap_socket(socket.create_connection((address, 443)), server_hostname=name)
link.sendall((f"GET /rig/socket HTTP/1.1\\r\\nHost: {name}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n"
              f"Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\\r\\n\\r\\n").encode())
stream = link.makefile("rb")
print(stream.readline().decode().strip(), flush=True)
while stream.readline().strip():
    pass
for line in sys.stdin:
    text = line.strip().encode()
    link.sendall(struct.pack("!BB", 0x81, 0x80 | len(text)) + bytes(4) + text)
    head = stream.read(2)
    print(stream.read(head[1] & 127).decode() if len(head) == 2 else "closed", flush=True)
"""


class Sharing(shared.Case):
    """Three stacks on one engine; each test brings a proxy of another kind."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        cls.stacks, cls.bundles = {}, {}
        home = cls.engine.folder / "user-0"
        home.mkdir(exist_ok=True)
        for name, service in STACKS.items():
            text = SYSTEM.replace("SERVICE", service).replace("NAME", name.replace("_", "-under-"))
            (home / f"{name}.system.yaml").write_text(text)
            cls.bundles[name] = rig.Bundle(cls.engine, cls.profile(name, "nginx"), name=f"joins-{name}")
            cls.stacks[name] = cls.enterClassContext(rig.Stack(cls.engine, cls.bundles[name]))

    @staticmethod
    def domain(name):
        return f"{name.replace('_', '-under-')}.home.arpa"

    @classmethod
    def profile(cls, name, kind, **sections):
        proxy = {"kind": kind, "join": "edge", "tls": {"mode": "self-signed"}}
        return {"version": 1, "name": name, "system": f"./{name}.system.yaml", "domain": cls.domain(name),
                "admin": rig.ADMIN_NETWORKS, "proxy": proxy, **sections}

    def generate(self, name, kind, **sections):
        bundle = self.bundles[name]
        bundle.profile.write_text(json.dumps(self.profile(name, kind, **sections)))
        bundle.stockade(self.engine.folder / "stockade", "generate", bundle.profile, "--out", bundle.path)

    def script(self, path, *arguments, status=0):
        docker = environment(DOCKER_HOST=f"unix://{self.engine.socket}", DOCKER_CONFIG=str(self.engine.folder / "client"))
        done = self.engine.host.run(path, *arguments, check=False, env=docker)
        self.assertEqual(done.returncode, status, f"{path.name} {arguments}\n{done.stdout}{done.stderr}")
        return done.stderr

    def join(self, name, *arguments, status=0):
        return self.script(self.bundles[name].path / "proxy/join", *arguments, status=status)

    def leave(self, name):
        return self.script(self.bundles[name].path / "proxy/leave")

    def status(self, name, path="/rig/seen"):
        answer = self.stacks[name].curl("internet", path, host=self.domain(name), check=False)
        return answer and answer.status

    def served(self, name):
        """Its own application answers, under its own certificate and no other's."""
        path = f"/of-{name}/rig/seen"
        own = self.stacks[name]
        # Caddy answers 200 with nothing to a host that it is about to know, so the application tells.
        arrived = lambda: self.status(name, path) == 200 and path in own.log(STACKS[name])
        rig.wait_until(arrived, lambda: f"{self.status(name, path)} of {name}, which said {own.log(STACKS[name])[-300:]}", 20)
        self.assertEqual(self.status(name, "/debug"), 404)
        for other, stack in self.stacks.items():
            self.assertEqual(path in stack.log(STACKS[other]), other == name, f"{other} was asked for {name}")

    def gone(self, name):
        rig.wait_until(lambda: self.status(name) is None, lambda: f"{self.status(name)} of {name}, which left", 15)

    def open_socket(self, name):
        socket = self.stacks[name].start_in(
            "internet", sys.executable, "-c", SOCKET, rig.host_address("internet", 4), self.domain(name),
            self.bundles[name].path / "certs/ca.crt", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (socket.kill(), socket.communicate()))
        self.assertIn("101", socket.stdout.readline())
        return socket

    def echoes(self, socket, text):
        socket.stdin.write(f"{text}\n")
        socket.stdin.flush()
        self.assertEqual(socket.stdout.readline().strip(), text)

    def life(self, kind):
        for name in STACKS:
            self.generate(name, kind)
        edge = rig.Bundle(self.engine, {
            "version": 1, "name": "edge", "admin": rig.ADMIN_NETWORKS, "monitoring": {"health_interval": "2s"},
            "proxy": {"kind": kind, "shared": True}}, name=f"edge-{kind}")
        with rig.Stack(self.engine, edge) as proxy:
            self.stack = proxy
            one, two, three = STACKS
            self.join(one, "--check", status=1)
            self.join(one)
            self.served(one)
            socket = self.open_socket(one)
            self.echoes(socket, "before")
            self.join(two)
            self.served(two), self.served(one)
            self.echoes(socket, "another stack joined")
            self.assertIn("as generated", self.join(one))

            # What is broken stays outside, and says why.
            site = sorted((self.bundles[three].path / "proxy/sites").glob("site*"))[-1]
            whole = site.read_text()
            site.write_text(whole.replace("page", "pa ge{", 1) if kind != "traefik" else whole.replace("service:", "service: no-", 1))
            room = edge.path / "data/edge/live"
            before = sorted(path.name for path in room.iterdir())
            self.assertIn("refuses the sites of `wiki`", self.join(three, status=1))
            site.write_text(whole)
            self.assertEqual(sorted(path.name for path in room.iterdir()), before)
            self.served(two)

            # A name that another stack has.
            self.generate(three, kind, domain=self.domain(two))
            said = self.join(three, status=1)
            self.assertIn(f"`{three}` and `{two}` both want `{self.domain(two)}`", said)
            # What one proxy has once.
            self.generate(three, kind, monitoring={"access_log": False})
            self.assertIn("monitoring.access_log", self.join(three, status=1))
            self.generate(three, kind)
            self.join(three)
            self.served(three)

            # A proxy that is made anew finds them again.
            self.leave(two)
            self.gone(two)
            self.echoes(socket, "another stack left")
            self.assertNotIn("my_app_inside", proxy.container("proxy")["NetworkSettings"]["Networks"])
            self.assertEqual([path.name for path in (edge.path / "data/edge/keys").iterdir() if path.name.startswith(two)], [])
            self.served(one), self.served(three)
            proxy.compose("up", "--detach", "--wait", "--force-recreate", "proxy")
            self.script(edge.path / "proxy/share", "--check", status=1)
            self.script(edge.path / "proxy/share")
            self.served(one), self.served(three)
            self.script(edge.path / "proxy/share", "--remove=wiki")
            self.gone(three)
            self.leave(one)
            self.gone(one)

    def test_nginx(self):
        self.life("nginx")

    def test_caddy(self):
        self.life("caddy")

    def test_traefik(self):
        self.life("traefik")

    def test_nobody_opens_the_ports_of_the_web_but_the_proxy(self):
        for name, bundle in self.bundles.items():
            self.assertNotIn("443", (bundle.path / "firewall/stockade.nft").read_text(), name)
            self.assertNotIn("proxy", self.stacks[name].services())
            self.assertIn("no proxy of a stack `edge` runs", self.join(name, status=1))
