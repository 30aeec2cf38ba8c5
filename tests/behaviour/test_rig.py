"""The rig itself: stand-ins refuse what the real images refuse, and a killed run leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import rig
from rig import images, shared
from rig.process import environment

SERVER, MANAGER = "ghcr.io/editmysave/hyos/server:0.0.24", "ghcr.io/editmysave/hyos/manager:0.0.24"
CADDY = "caddy:2.11.7-alpine"
PLUGIN = "Server/mods/com.hytale_HytaleAPI"


class StandIns(shared.Case):
    """Each is asked without a bundle, so that a bundle's test cannot pass because a stand-in is too kind."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        images.ensure(cls.engine, [SERVER, MANAGER, CADDY])

    def setUp(self):
        self.data = Path(tempfile.mkdtemp(dir=self.engine.folder))
        (self.data / PLUGIN).mkdir(parents=True)
        self.configure("$2a$04$HAuQd1JNHtKQdcLhPDbDteA/mMCCX7gtaHHUQ2SPgVmzpy6JvlLTe")
        self.addCleanup(rig.run, "rm", "-rf", self.data)

    def configure(self, secret):
        """A plugin's config whose one client has this hash."""
        lists = {name: [] for name in ("allowedOrigins", "allowedMethods", "allowedHeaders", "exposedHeaders")}
        config = {"enabled": True, "port": 30381, "bindAddress": "0.0.0.0", "cors": lists, "websocket": {"enabled": False},
                  "jwt": {"tokenValiditySeconds": 900},
                  "clients": [{"id": "it", "secret": secret, "enabled": True, "permissions": []}]}
        (self.data / PLUGIN / "config.json").write_text(json.dumps(config))
        rig.run("chown", "-R", "568:568", self.data)

    def begin(self, *options, image=SERVER, command=(), owner="568:568"):
        """A container as a bundle would start it, but for what the options say; it is removed at the end."""
        rig.run("chown", "-R", owner, self.data)
        target = "/data" if image == SERVER else "/data/.state"
        scratch = [word for option in options if option.startswith("/tmp:") for word in ("--tmpfs", option)] or ["--tmpfs", "/tmp:exec"]
        rest = [option for option in options if not option.startswith("/tmp:")]
        name = self.engine.docker("run", "--detach", "--user", "568:568", "--read-only", "--cap-drop", "ALL", *scratch,
                                  "--tmpfs", "/home/hytale:uid=568", "--tmpfs", "/app/.next/cache:uid=568",
                                  "--volume", f"{self.data}:{target}", *rest, image, *command).stdout.strip()
        self.addCleanup(self.engine.docker, "rm", "--force", name)
        return name

    def log(self, name):
        done = self.engine.docker("logs", name)
        return done.stdout + done.stderr

    def says(self, name, text):
        found = lambda: text.lower() in self.log(name).lower()
        rig.wait_until(found, lambda: f"`{text}` in the log:\n{self.log(name)}", 20)

    def ends(self, name, text):
        """Exit code, once the log says the text: an engine may hand on the last lines after the end."""
        code = self.engine.docker("wait", name, timeout=30).stdout.strip()
        self.says(name, text)
        return int(code)

    def ask(self, name, *arguments):
        """Status of an answer of a container to itself."""
        return self.engine.docker("exec", name, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", *arguments).stdout

    def test_scratch_space_without_exec_ends_the_server(self):
        code = self.ends(self.begin("/tmp:noexec"), "failed to map segment from shared object")
        self.assertNotEqual(code, 0)

    def test_data_of_another_owner_ends_the_server(self):
        self.assertEqual(self.ends(self.begin(owner="1000:1000"), "permission denied"), 1)

    def test_the_api_knows_one_prefix_of_bcrypt(self):
        body = ("--data", '{"clientId":"it","secret":"x"}', "http://127.0.0.1:30381/auth/token")
        for prefix, expected in (("2a", "401"), ("2b", "500"), ("2y", "500")):
            self.configure(f"${prefix}$04$HAuQd1JNHtKQdcLhPDbDteA/mMCCX7gtaHHUQ2SPgVmzpy6JvlLTe")
            with self.subTest(prefix=prefix):
                name = self.begin()
                self.says(name, "Hytale server booted")
                self.assertEqual(self.ask(name, *body), expected)

    def test_without_a_shim_a_stop_cuts_the_save_off(self):
        (self.data / "Server/rig-save-seconds").write_text("5")
        name = self.begin()
        self.says(name, "Hytale server booted")
        self.engine.docker("stop", "--time", "20", name)
        world = self.data / "Server/universe/world.dat"
        self.assertFalse(world.exists() and world.read_text().endswith("complete\n"))

    def test_a_short_session_secret_breaks_every_log_in(self):
        (self.data / "logs").mkdir()
        for secret, expected in (("short", "500"), ("x" * 32, "401")):
            with self.subTest(length=len(secret)):
                name = self.begin("--env", f"SESSION_SECRET={secret}", "--volume", f"{self.data}/logs:/data/Server/logs", image=MANAGER)
                self.says(name, "Ready")
                self.assertEqual(self.ask(name, "--data", "{}", "http://127.0.0.1:3000/api/auth/login"), expected)

    def test_caddy_does_not_start_without_its_capability(self):
        code = self.ends(self.begin(image=CADDY, command=("caddy", "version")), "operation not permitted")
        self.assertNotEqual(code, 0)


class Killed(shared.Case):
    """A run that is killed leaves no process, and the next removes its folder and control groups; one that is interrupted
    removes them itself."""

    def begin(self):
        """A run in a session of its own, with a container; the process and its folder."""
        script = ("import rig\nfrom rig import images\nwith rig.Engine() as engine:\n    images.base().load(engine, 'x', ['CMD true'])\n"
                  "    engine.docker('run', '--detach', 'x', '/bin/sleep', '600')\n    print(engine.folder, flush=True)\n"
                  "    engine.docker('wait', engine.docker('ps', '-q').stdout.strip(), timeout=600)\n")
        child = subprocess.Popen([sys.executable, "-B", "-c", script], cwd=Path(__file__).parent, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True, env=environment(), start_new_session=True)
        self.addCleanup(child.stdout.close)
        folder = child.stdout.readline().strip()
        self.assertTrue(folder and Path(folder).is_dir())
        return child, folder

    def groups(self, child):
        return [str(path) for path in Path("/sys/fs/cgroup").glob(f"*/*rig-{child.pid}*")]

    def test_nothing_is_left_after_an_interrupt(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                child, folder = self.begin()
                # As a terminal does: to everything the run has started as well.
                os.killpg(child.pid, number)
                self.assertNotEqual(child.wait(60), 0)
                rig.wait_until(lambda: not self.processes(folder), lambda: f"these ended: {self.processes(folder)}", 20)
                self.assertFalse(Path(folder).exists(), folder)
                self.assertEqual(self.groups(child), [])
                self.assertNotIn(folder, Path("/proc/self/mountinfo").read_text())

    def test_nothing_runs_after_a_kill(self):
        child, folder = self.begin()
        child.send_signal(signal.SIGKILL)
        child.wait()
        rig.wait_until(lambda: not self.processes(folder), lambda: f"these ended: {self.processes(folder)}", 20)
        with rig.Engine():
            self.assertFalse(Path(folder).exists(), folder)
        self.assertEqual(self.groups(child), [])

    def processes(self, folder):
        """Processes that name the folder of a run."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if folder.encode() in (entry / "cmdline").read_bytes():
                        found.append(entry.name)
                except OSError:
                    continue
        return found
