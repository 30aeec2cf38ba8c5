"""An update takes effect: `docker compose up -d` makes exactly the containers anew whose files changed, and they serve it.

Every test changes the profile or a secret, generates, starts as the run says, and looks whose container is another one.
"""

import json
import re

import rig
from rig import shared

PROXY = {"kind": "traefik", "tls": {"mode": "self-signed"}}


class Update(shared.Case):
    """One bundle, edited again and again."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        cls.bundle = rig.Bundle(cls.engine, cls.profile(), name="update")
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, cls.bundle))

    @staticmethod
    def profile(**sections):
        return {**rig.profile("traefik"), **sections}

    def setUp(self):
        self.update()

    def generate(self, *options, **sections):
        """Generates from an edited profile; what the run said."""
        self.bundle.profile.write_text(json.dumps(self.profile(**sections)))
        said = self.bundle.stockade(self.engine.folder / "stockade", "generate", self.bundle.profile, "--out",
                                    self.bundle.path, *options)
        self.said = said.stdout + said.stderr
        return self.said

    def ids(self):
        return {name: self.stack.container(name)["Id"] for name in self.stack.services()}

    def up(self):
        """`up -d --wait`; the services that have another container than before."""
        before = self.ids()
        self.stack.up()
        return {name for name, found in self.ids().items() if before.get(name) != found}

    def update(self, **sections):
        self.generate(**sections)
        return self.up()

    def anew(self):
        """Services that the run said would be made anew."""
        found = re.search(r"makes anew ([a-z, -]+)", self.said)
        return set(found[1].split(", ")) if found else set()

    def status(self, path="/api/health", **options):
        return self.stack.curl("admin", path, user=self.stack.login(), **options).status

    def serves(self, status, **options):
        rig.wait_until(lambda: self.status(**options) == status, lambda: f"{self.status(**options)} for {status}", 10)

    def test_nothing_changed_and_no_container_is_new(self):
        self.assertEqual(self.update(), set())
        self.assertIn("this run changed nothing that runs", self.said)

    def test_allow_list(self):
        self.serves(200)
        self.assertEqual(self.update(admin=["10.99.0.0/24"]), {"proxy"})
        self.assertEqual(self.anew(), {"proxy"})
        self.assertIn("firewall/apply --install", self.said)
        self.serves(403)
        self.assertEqual(self.update(), {"proxy"})
        self.serves(200)

    def test_header(self):
        proxy = {**PROXY, "headers": {"set": {"X-Rig": "here"}}}
        self.assertEqual(self.update(proxy=proxy), {"proxy"})
        self.serves(200)
        answer = self.stack.curl("admin", "/api/health", user=self.stack.login())
        self.assertEqual(answer.header("X-Rig"), "here")

    def test_rate(self):
        self.assertEqual(self.update(proxy={**PROXY, "rate_limits": {"login": "2/1m"}}), {"proxy"})
        self.serves(200)
        ask = lambda: self.status("/api/auth/login", source=7)
        self.assertIn(429, [ask() for _ in range(12)])

    def test_variable(self):
        self.assertEqual(self.update(services={**self.profile()["services"], "hyos-manager": {"environment": {"RIG": "1"}}}),
                         {"hyos-manager"})
        self.assertIn("RIG=1", self.stack.container("hyos-manager")["Config"]["Env"])

    def test_limit_of_memory(self):
        wider = {**self.profile()["services"], "hyos-manager": {"resources": {"memory": "1200m"}}}
        self.assertEqual(self.update(services=wider), {"hyos-manager"})
        self.assertEqual(self.stack.container("hyos-manager")["HostConfig"]["Memory"], 1200 << 20)

    def test_addresses_of_a_network(self):
        self.assertEqual(self.update(settings={"core_subnet": "10.87.31.0/28"}), {"hyos-manager", "hyos-server"})
        networks = self.stack.container("hyos-server")["NetworkSettings"]["Networks"].values()
        self.assertIn("10.87.31.5", [network["IPAddress"] for network in networks])
        rig.wait_until(lambda: self.status("/api/server/status") == 200, "the dashboard and its API agree", 20)

    def test_another_proxy(self):
        self.assertEqual(self.update(proxy={**PROXY, "kind": "nginx"}), {"proxy"})
        self.serves(200)
        self.assertIn("nginx", self.stack.container("proxy")["Config"]["Image"])

    def test_configuration_of_the_application(self):
        self.assertEqual(self.update(settings={"jwt_minutes": 30}), {"hyos-server"})
        mounts = {mount["source"]: mount["target"] for mount in self.stack.config["services"]["hyos-server"]["volumes"]}
        target = mounts[str(self.bundle.path / "data/hyos")].lstrip("/")
        found = self.inside("hyos-server", f"{target}/Server/mods/com.hytale_HytaleAPI/config.json")
        self.assertEqual(json.loads(found)["jwt"]["tokenValiditySeconds"], 1800)

    def test_shim(self):
        changed = self.update(settings={"game_password": True})
        self.assertEqual(changed, {"hyos-server"})
        environ = (self.stack.proc("hyos-server") / "environ").read_bytes()
        children = b"".join((self.engine.proc(pid) / "environ").read_bytes() for pid in self.stack.pids("hyos-server"))
        self.assertIn(b"SERVER_PASSWORD=" + self.stack.secret("server_password").encode(), environ + children)

    def rotate(self, name, value):
        """Writes over the file in place, as people do."""
        (self.bundle.path / "secrets" / name).write_text(value)

    def test_secret_written_over(self):
        lines = (self.bundle.path / "compose.yaml").read_text()
        self.rotate("session_secret", "cmlnLXNlc3Npb24tc2VjcmV0LW9mLTQ4LWJ5dGVzLS0tLS0tLS0tLS0tLS0tLS0t")
        self.assertEqual(self.update(), {"hyos-manager"})
        self.assertNotEqual((self.bundle.path / "compose.yaml").read_text(), lines)
        held = b"".join((self.engine.proc(pid) / "environ").read_bytes() for pid in self.stack.pids("hyos-manager"))
        self.assertIn(b"cmlnLXNlc3Npb24", held)
        self.assertEqual(self.update(), set())

    def test_password_of_the_proxy(self):
        old = self.stack.login()
        self.rotate("proxy_password", "Zq8mBvR4nYxTcK2sWdLpHj7e")
        self.assertEqual(self.update(), {"proxy"})
        self.assertIn("was made anew from `proxy_password`", self.said)
        self.serves(200)
        self.assertEqual(self.stack.curl("admin", "/api/health", user=old).status, 401)

    def test_secret_moved_away(self):
        old = self.stack.secret("api_client_secret")
        (self.bundle.path / "secrets/api_client_secret").unlink()
        self.assertEqual(self.update(), {"hyos-manager", "hyos-server"})
        self.assertNotEqual(self.stack.secret("api_client_secret"), old)
        rig.wait_until(lambda: self.status("/api/server/status") == 200, "the dashboard and its API agree", 20)

    def command(self, *words):
        """`stockade secrets …` for this bundle; what it said."""
        said = self.bundle.stockade(self.engine.folder / "stockade", "secrets", *words, "--yes", "--profile",
                                    self.bundle.profile, "--out", self.bundle.path)
        self.said = said.stdout + said.stderr
        return self.said

    def confirm(self):
        self.bundle.stockade(self.engine.folder / "stockade", "secrets", "rotate", "--confirm", "--profile",
                             self.bundle.profile, "--out", self.bundle.path)

    def test_password_rotated_and_taken_back(self):
        first = self.stack.login()
        as_user = lambda login: self.stack.curl("admin", "/api/health", user=login).status
        self.assertIn("containers that are made anew: proxy", self.command("rotate", "proxy_password"))
        self.assertEqual(self.up(), {"proxy"})
        second = self.stack.login()
        self.assertNotEqual(second, first)
        self.serves(200)
        self.assertEqual((as_user(first), as_user(second)), (401, 200))
        self.command("rotate", "--undo")
        self.assertEqual(self.up(), {"proxy"})
        self.assertEqual(self.stack.login(), first)
        self.serves(200)
        self.assertEqual((as_user(first), as_user(second)), (200, 401))

    def test_every_value_rotated(self):
        self.addCleanup(self.confirm)
        settings = {"game_password": True, "monitor_client": True}
        self.update(settings=settings)
        for name, readers in {"session_secret": {"hyos-manager"}, "server_password": {"hyos-server"},
                              "api_client_secret": {"hyos-manager", "hyos-server"}, "monitor_client_secret": {"hyos-server"},
                              "manager_admin_password": set()}.items():
            with self.subTest(name):
                old, others = self.stack.secret(name), self.values() - {name}
                self.command("rotate", name)
                self.assertNotEqual(self.stack.secret(name), old)
                self.assertEqual(self.values() & others, others)
                changed = self.up()
                self.assertEqual(changed, readers)
                held = b"".join((self.engine.proc(pid) / "environ").read_bytes() for pid in self.pids())
                self.assertNotIn(old.encode(), held, "somebody still has the old one")
        rig.wait_until(lambda: self.status("/api/server/status") == 200, "the dashboard and its API agree", 20)

    def values(self):
        return {path.name for path in (self.bundle.path / "secrets").iterdir() if path.is_file()}

    def pids(self):
        return [pid for service in self.stack.services() for pid in self.stack.pids(service)]

    def test_certificate(self):
        for name in ("ca.crt", "ca.key", "server.crt", "server.key"):
            (self.bundle.path / "certs" / name).unlink()
        self.assertEqual(self.update(), {"proxy"})
        self.assertIn("Import certs/ca.crt", self.said)
        self.serves(200)

    def test_a_file_edited_in_place_is_forced_back(self):
        file = self.bundle.path / "proxy/traefik.yml"
        with file.open("a") as text:
            text.write("# an edit in place: the container sees it\n")
        self.assertIn("an edit in place", self.inside("proxy", "etc/traefik/traefik.yml"))
        said = self.generate("--force")
        self.assertRegex(said, "--no-deps --force-recreate proxy")
        self.stack.compose("up", "--detach", "--wait", "--no-deps", "--force-recreate", "proxy")
        self.assertNotIn("an edit in place", self.inside("proxy", "etc/traefik/traefik.yml"))

    def inside(self, service, path):
        return (self.stack.proc(service) / "root" / path).read_text()

    def test_a_host_name_outlives_its_container(self):
        before = self.ids()
        self.stack.compose("up", "--detach", "--wait", "--force-recreate", "hyos-manager")
        self.assertNotEqual(self.ids()["hyos-manager"], before["hyos-manager"])
        for name in self.stack.services():
            self.assertEqual(self.stack.container(name)["Config"]["Hostname"], name)
