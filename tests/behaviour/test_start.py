"""A bundle starts, runs as confined as it claims, keeps its secrets apart, and stops without losing anything."""

import json
import os
import re
import time
import unittest

import rig
from rig import limits, shared

COMPLAINTS = re.compile("permission denied|read-only file system|operation not permitted", re.IGNORECASE)
CAPABILITIES = {"NET_BIND_SERVICE": 10}
# Mounts every container gets from the engine.
ENGINES_OWN = {"/dev", "/dev/pts", "/dev/mqueue", "/dev/shm", "/proc", "/sys"}
# What must be so whatever the compose file says.
READERS = {"api_client_secret": {"hyos-manager"}, "session_secret": {"hyos-manager"}, "proxy_users": {"proxy"},
           "tls_certificate": {"proxy"}, "tls_key": {"proxy"}}
# Where the application itself must hold a hash; the dashboard must not read the plugin's files.
HASHES = {"api_client_hash": {"hyos-server"}, "manager_admin_hash": {"hyos-manager", "hyos-server"}}
EXECUTABLE = {("hyos-server", "/tmp")}
UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def size(text):
    """Bytes of `128m`, `1g` or a plain number."""
    text = str(text)
    return int(text[:-1]) * UNITS[text[-1]] if text[-1] in UNITS else int(text)


class Start:
    """The checks; each class below runs them on one bundle."""

    user = 0

    @classmethod
    def profile(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        cls.bundle = rig.Bundle(cls.engine, cls.profile(), user=cls.user, name=cls.__name__.lower())
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, cls.bundle))

    def services(self):
        """Each service with its part of the compose file."""
        return sorted(self.stack.config["services"].items())

    def test_every_container_is_healthy(self):
        for name, _ in self.services():
            with self.subTest(service=name):
                found = self.stack.container(name)
                self.assertEqual(found["State"].get("Health", {}).get("Status"), "healthy")
                self.assertEqual(found["RestartCount"], 0)

    def test_no_log_complains_of_rights(self):
        for name, _ in self.services():
            with self.subTest(service=name):
                found = self.stack.container(name)
                checks = "\n".join(check["Output"] for check in found["State"]["Health"]["Log"])
                for line in f"{self.stack.log(name)}\n{checks}".splitlines():
                    self.assertNotRegex(line, COMPLAINTS)

    def test_processes_have_the_user_and_no_rights(self):
        for name, service in self.services():
            with self.subTest(service=name):
                uid, _, gid = service["user"].partition(":")
                bounding = sum(1 << CAPABILITIES[name] for name in service.get("cap_add", []))
                pids = self.stack.pids(name)
                self.assertTrue(pids)
                for pid in pids:
                    try:
                        found = limits.status(self.engine.proc(pid))
                    except OSError:
                        continue  # a health check that has ended meanwhile
                    if found["Name"].startswith(("runc", "exe")):
                        continue  # the engine on its way into the container, before it runs anything of it
                    self.assertEqual(found["Uid"].split(), [uid] * 4, found["Name"])
                    self.assertEqual(found["Gid"].split(), [gid] * 4, found["Name"])
                    self.assertLessEqual(set(found["Groups"].split()), {gid, *service.get("group_add", [])}, found["Name"])
                    for held in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
                        self.assertEqual(int(found[held], 16), 0, f"{held} of {found['Name']}")
                    self.assertEqual(int(found["CapBnd"], 16), bounding, f"CapBnd of {found['Name']}")
                    self.assertEqual((found["NoNewPrivs"], found["Seccomp"]), ("1", "2"), found["Name"])

    def test_only_named_places_can_be_written(self):
        for name, service in self.services():
            with self.subTest(service=name):
                self.assertTrue(service["read_only"])
                allowed = {entry.split(":")[0] for entry in service.get("tmpfs", [])}
                allowed |= {mount["target"] for mount in service.get("volumes", []) if not mount.get("read_only")}
                found = limits.mounts(self.stack.proc(name))
                self.assertIn("ro", found["/"][0])
                for target, (options, kind, _) in found.items():
                    inside = any(target == own or target.startswith(f"{own}/") for own in ENGINES_OWN)
                    if "rw" in options and not inside:
                        self.assertIn(target, allowed, f"{kind} {options}")
                self.assertLessEqual(allowed, set(found))

    def test_scratch_space_has_the_flags_and_size_it_claims(self):
        for name, service in self.services():
            with self.subTest(service=name):
                found = limits.mounts(self.stack.proc(name))
                for entry in service.get("tmpfs", []):
                    target, _, wanted = entry.partition(":")
                    wanted = wanted.split(",")
                    options, kind, of_system = found[target]
                    self.assertEqual(kind, "tmpfs", entry)
                    self.assertLessEqual({"nosuid", "nodev"}, options, entry)
                    self.assertEqual("noexec" not in options, (name, target) in EXECUTABLE, entry)
                    self.assertEqual("noexec" in options, "noexec" in wanted, entry)
                    named = dict(option.split("=") for option in wanted if "=" in option)
                    self.assertEqual(size(of_system["size"]), size(named["size"]), entry)
                    self.assertEqual(int(of_system.get("mode", "1777"), 8), int(named["mode"], 8), entry)
                    self.assertEqual(of_system.get("uid", "0"), named.get("uid", "0"), entry)

    def test_limits_are_those_of_the_compose_file(self):
        for name, service in self.services():
            with self.subTest(service=name):
                proc, wanted = self.stack.proc(name), service["deploy"]["resources"]["limits"]
                self.assertEqual(limits.memory(proc), size(wanted["memory"]))
                with_swap = limits.memory_and_swap(proc)
                if with_swap is not None:
                    self.assertEqual(with_swap, size(wanted["memory"]), "swap beside memory")
                self.assertEqual(limits.processors(proc), float(wanted["cpus"]))
                self.assertEqual(limits.processes(proc), int(wanted["pids"]))
                files = service.get("ulimits", {}).get("nofile")
                if files:
                    self.assertEqual(limits.open_files(proc), files if isinstance(files, int) else files["soft"])

    def values(self):
        """All that is worth stealing, by name."""
        files = (file for file in (self.bundle.path / "secrets").iterdir() if not file.name.startswith("."))
        found = {file.name: self.bundle.secret(file.name) for file in files}
        for key in (self.bundle.path / "certs").glob("*.key"):
            found[key.name] = key.read_text().splitlines()[1]
        return found

    def test_each_secret_reaches_its_reader_and_nobody_else(self):
        files = {secret["file"]: name for name, secret in self.stack.config["secrets"].items()}
        values, given = self.values(), {}
        for service, part in self.services():
            with self.subTest(service=service):
                for secret in part.get("secrets", []):
                    target = os.path.join("/run/secrets", secret.get("target") or secret["source"])
                    said = self.stack.execute(service, "cat", target).stdout
                    file = self.stack.config["secrets"][secret["source"]]["file"]
                    self.assertEqual(said, open(file).read(), target)
                    given.setdefault(service, set()).add(file)
        self.assertEqual({file for found in given.values() for file in found}, set(files), "a secret without a reader")
        readers = {name: {service for service, found in given.items() if file in found} for file, name in files.items()}
        self.assertEqual(readers, {name: READERS[name] for name in readers})
        for service, part in self.services():
            with self.subTest(service=service):
                root = f"/proc/{self.stack.pid(service)}/root"
                # Everything mounted here that is not the image's own, which holds no file of this bundle.
                places = [root + target for target in limits.mounts(self.stack.proc(service))
                          if target != "/" and not any(target.startswith(own) for own in ENGINES_OWN)]
                for name, value in values.items():
                    if service in HASHES.get(name, ()) or any(file.endswith(f"/{name}") for file in given.get(service, ())):
                        continue
                    # The pattern goes by file: an argument would be one more place that shows it.
                    seen = self.engine.host.run("grep", "--recursive", "--files-with-matches", "--binary-files=text",
                                                "--fixed-strings", "--file=-", "--", *places, input=value, check=False)
                    self.assertEqual(seen.stdout, "", f"{service} can see {name}")

    def test_secrets_are_closed_to_other_users_of_the_host(self):
        stranger = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--"]
        for folder in ("secrets", "certs"):
            for file in (self.bundle.path / folder).iterdir():
                if file.suffix == ".crt":
                    continue
                with self.subTest(file=file.name):
                    self.assertNotEqual(rig.run(*stranger, "cat", file, check=False).returncode, 0)

    def test_no_secret_shows_in_inspect_arguments_or_logs(self):
        found = {"docker inspect": json.dumps([self.stack.container(name) for name in self.stack.services()]),
                 "compose config": json.dumps(self.stack.config), "generate": self.bundle.said,
                 "dockerd": self.engine.log.read_text()}
        for name in self.stack.services():
            found[f"log of {name}"] = self.stack.log(name)
            for pid in self.stack.pids(name):
                try:
                    found[f"arguments of {name}"] = (self.engine.proc(pid) / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
        for name, value in self.values().items():
            for place, text in found.items():
                with self.subTest(secret=name, place=place):
                    self.assertFalse(value in text, f"{place} shows {name}")

    def test_each_claim_of_the_report_holds(self):
        """The report gives a command to most of its lines; each that asks this host must succeed."""
        report = json.loads((self.bundle.path / "report.json").read_text())
        asked = 0
        for line in report["recommendations"]:
            command = line.get("verify") or ""
            if line["status"] == "manual" or not re.match(r"([a-z]+=\$\(|test |stat |printf |docker |sudo (find|grep|stat) )", command):
                continue
            # These ask the proxy by its name, or for what happened, which may be nothing.
            if re.search("https://|docker logs", command):
                continue
            asked += 1
            with self.subTest(recommendation=line["id"], command=command):
                done = self.engine.host.run("bash", "-o", "pipefail", "-c", 'sudo() { "$@"; }\n' + command,
                                            cwd=self.bundle.path, check=False)
                self.assertEqual(done.returncode, 0, f"{done.stdout}{done.stderr}")
        self.assertGreater(asked, 25, "the report has lost its commands")

    def test_the_game_answers_and_the_dashboard_reaches_its_api(self):
        ask = ("import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(5)\n"
               "s.sendto(b'hello', ('198.51.100.1', 5520))\nprint(s.recv(99).decode())")
        self.assertEqual(self.stack.run_in("internet", "python3", "-c", ask).stdout, "198.51.100.2 hello\n")
        answer = self.stack.curl("admin", "/api/server/status", user=self.stack.login())
        self.assertEqual(answer.status, 200, answer.body)
        self.assertNotIn("api.*", answer.json()["permissions"])
        password = self.stack.secret("manager_admin_password")
        body = json.dumps({"username": "admin", "password": password})
        answer = self.stack.curl("admin", "/api/auth/login", "--data-binary", body, user=self.stack.login())
        self.assertEqual(answer.status, 200, answer.body)
        self.assertIn("; Secure", answer.header("Set-Cookie"))

    def test_stops_within_its_grace_and_starts_again_with_its_data(self):
        data = self.bundle.path / "data/hyos/Server"
        (data / "rig-save-seconds").write_text("12")
        world, key = data / "universe/world.dat", data / "mods/com.hytale_HytaleAPI/jwt-keypair.pem"
        kept = key.read_bytes()
        began = time.monotonic()
        self.stack.compose("stop")
        took = time.monotonic() - began
        states = {name: self.stack.container(name)["State"] for name in self.stack.services()}
        said = self.stack.log("hyos-server")
        self.assertIn("SIGTERM seen", said)
        self.assertIn("worlds saved", said)
        self.assertTrue(world.read_text().endswith("complete\n"), "the save was cut off")
        for name, state in states.items():
            with self.subTest(service=name):
                self.assertEqual((state["ExitCode"], state["OOMKilled"]), (0, False))
        self.assertGreater(took, 11, "nobody waited for the save")
        self.assertLess(took, 30, "a service needed its whole grace")
        (data / "rig-save-seconds").write_text("0")
        for again in (("start",), ("restart",), ("down",)):
            with self.subTest(again=again):
                self.stack.compose(*again)
                self.stack.up()
                # An application that came back has another address; the proxy may look it up for a moment.
                rig.wait_until(lambda: self.stack.curl("admin", "/api/health", user=self.stack.login()).status == 200,
                               "the dashboard behind the proxy", 8)
                self.assertTrue(world.read_text().endswith("complete\n"))
                self.assertEqual(key.read_bytes(), kept)
                body = json.dumps({"username": "admin", "password": self.stack.secret("manager_admin_password")})
                answer = self.stack.curl("admin", "/api/auth/login", "--data-binary", body, user=self.stack.login(), source=4)
                self.assertEqual(answer.status, 200, answer.body)

    def test_what_was_installed_is_still_so_after_a_start(self):
        done = self.engine.host.run(self.bundle.path / "install.sh", "--check", check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\A\d+ directories and files have the owner and mode they should have\n\Z")

    def test_the_tool_says_whose_the_secrets_are(self):
        self.assertIn("owned by the users of the containers" if self.user == 0 else "which only you may enter",
                      self.bundle.said)


class Traefik(Start, shared.Case):
    @classmethod
    def profile(cls):
        return rig.profile("traefik")


class Nginx(Start, shared.Case):
    @classmethod
    def profile(cls):
        return rig.profile("nginx")


class Caddy(Start, shared.Case):
    @classmethod
    def profile(cls):
        return rig.profile("caddy")


class OrdinaryUser(Start, shared.Case):
    """Generated by uid 1000, installed by root."""

    user = 1000

    @classmethod
    def profile(cls):
        return rig.profile("traefik")


class OrdinaryUserAlone(shared.Case):
    """Generated by uid 1000 and started as it is: nobody was root, and nothing complains of rights."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        cls.bundle = rig.Bundle(cls.engine, rig.profile("caddy"), user=1000, name="alone")
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, cls.bundle, install=False))

    services, values = Start.services, Start.values
    test_every_container_is_healthy = Start.test_every_container_is_healthy
    test_no_log_complains_of_rights = Start.test_no_log_complains_of_rights
    test_secrets_are_closed_to_other_users_of_the_host = Start.test_secrets_are_closed_to_other_users_of_the_host
    test_the_game_answers_and_the_dashboard_reaches_its_api = Start.test_the_game_answers_and_the_dashboard_reaches_its_api

    def test_data_is_closed_to_other_users_of_the_host(self):
        stranger = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--"]
        self.assertNotEqual(rig.run(*stranger, "ls", self.bundle.path / "data", check=False).returncode, 0)


class FilteredSocket(Start, shared.Case):
    """The dashboard with a filtered socket, and the dashboard's mods and worlds opened."""

    @classmethod
    def profile(cls):
        return rig.profile("nginx", settings={"docker_socket": "filtered", "world_upload": True, "mod_upload": True})


class FiveLines(shared.Case):
    """The profile of the README, on a host that reaches no certificate authority: everything runs and nothing complains.

    Only processors and open files differ, where this machine has fewer than the vendor asks for.
    """

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        text = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n"
        more = f"services: {{hyos-server: {{resources: {json.dumps(rig.resources())}}}}}\n"
        cls.bundle = rig.Bundle(cls.engine, text + more, name="five")
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, cls.bundle))

    services = Start.services
    test_every_container_is_healthy = Start.test_every_container_is_healthy
    test_no_log_complains_of_rights = Start.test_no_log_complains_of_rights
    test_only_named_places_can_be_written = Start.test_only_named_places_can_be_written

    def test_the_account_with_the_authority_is_kept(self):
        file = self.bundle.path / "data/proxy/acme.json"
        self.assertEqual((file.stat().st_uid, file.stat().st_mode & 0o777), (65532, 0o600))


if __name__ == "__main__":
    unittest.main()
