"""install.sh judges a host before anything is started: what it refuses the engine refuses too, or serves nobody."""

import os
import shutil
import unittest

import rig
from rig import shared


class TooSmall(shared.Case):
    """Docker starts no container that may use more processors, or open more files, than there are."""

    def test_the_host_is_told_beforehand(self):
        more, engine = os.cpu_count() + 1, shared.engine()
        services = {"hyos-server": {"resources": {**rig.resources(), "cpus": str(more), "memory": "900g"}}}
        bundle = rig.Bundle(engine, rig.profile("nginx", services=services), name="processors")
        before = [(path, path.stat().st_uid, path.stat().st_mode) for path in sorted(bundle.path.rglob("*"))]
        done = engine.host.run(bundle.path / "install.sh", check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"error: `hyos-server` may use {more} processors and this host has {os.cpu_count()}", done.stderr)
        self.assertRegex(done.stderr, r"warning: the services may use \d+ MiB of memory together and this host has \d+ MiB")
        after = [(path, path.stat().st_uid, path.stat().st_mode) for path in sorted(bundle.path.rglob("*"))]
        self.assertEqual(before, after, "something was changed all the same")
        done = engine.host.run(bundle.path / "install.sh", "--force", check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        with self.assertRaisesRegex(rig.Failure, "(?i)range of cpus"), rig.Stack(engine, bundle, install=False):
            pass

    def test_open_files_are_counted_as_the_engine_counts_them(self):
        engine = shared.engine()
        most = int(open("/proc/sys/fs/nr_open").read())
        services = {"hyos-server": {"resources": {**rig.resources(), "files": most + 1}}}
        bundle = rig.Bundle(engine, rig.profile("nginx", services=services), name="files")
        done = engine.host.run(bundle.path / "install.sh", "--check", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"error: `hyos-server` may open {most + 1} files and the kernel allows a process {most}", done.stderr)
        engine.host.run(bundle.path / "install.sh", "--force")
        with self.assertRaisesRegex(rig.Failure, "rlimit"), rig.Stack(engine, bundle, install=False):
            pass


class Networks(shared.Case):
    """Interfaces of the stack's networks are fixed, so that firewall rules know them."""

    def test_an_interface_of_somebody_else_is_seen(self):
        engine = shared.engine()
        bundle = rig.Bundle(engine, rig.profile("nginx"), name="bridges")
        engine.host.run("ip", "link", "add", "br-hyos-front", "type", "veth", "peer", "name", "stranger")
        self.addCleanup(engine.host.run, "ip", "link", "del", "br-hyos-front")
        done = engine.host.run(bundle.path / "install.sh", "--check", check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("gets the interface `br-hyos-front`, which this host has already", done.stderr)


class Operators(shared.Case):
    """Certificates of the operator's, left as clients of authorities leave them: for root alone."""

    def test_a_key_that_the_proxy_cannot_read_is_seen(self):
        engine = shared.engine()
        made = rig.Bundle(engine, rig.profile("traefik"), name="authority")
        folder = engine.folder / "letsencrypt"
        folder.mkdir(mode=0o700, exist_ok=True)
        for part in ("crt", "key"):
            shutil.copy(made.path / f"certs/server.{part}", folder / f"server.{part}")
            (folder / f"server.{part}").chmod(0o600 if part == "key" else 0o644)
        (folder / "live.key").symlink_to("server.key")
        tls = {"mode": "files", "certificate": f"{folder}/server.crt", "key": f"{folder}/live.key"}
        bundle = rig.Bundle(engine, {**rig.profile(), "proxy": {"tls": tls}}, name="operators")
        done = engine.host.run(bundle.path / "install.sh", check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"error: `{folder}/live.key` cannot be read by `proxy`, which runs as 65532:65532", done.stderr)
        mend = done.stderr.split("certificate; `")[1].split("`")[0].replace("sudo ", "")
        # Who goes on all the same is told by the health check.
        engine.host.run(bundle.path / "install.sh", "--force")
        with rig.Stack(engine, bundle, wait=False, install=False) as stack:
            stack.compose("up", "--detach", "proxy", "--no-deps")
            rig.wait_until(lambda: stack.container("proxy")["State"]["Health"]["Status"] == "unhealthy",
                           "a proxy without a key is called unhealthy", 90)
        engine.host.run("sh", "-c", mend)
        self.assertEqual((folder / "server.key").stat().st_mode & 0o777, 0o640)
        done = engine.host.run(bundle.path / "install.sh", check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with rig.Stack(engine, bundle, wait=False, install=False) as stack:
            stack.compose("up", "--detach", "proxy", "--no-deps", "--wait", "--wait-timeout", "60")


class Mapping(rig.Engine):
    """An engine that maps users; the table of ranges is its host's own."""

    def start(self):
        for name in ("subuid", "subgid"):
            table = self.folder / name
            table.write_text("nobody:100000:65536\n")
            self.host.run("mount", "--bind", table, f"/etc/{name}")
        super().start()


class Mapped(unittest.TestCase):
    def test_an_engine_that_maps_users_is_refused(self):
        with Mapping("--userns-remap=nobody:nogroup") as engine:
            bundle = rig.Bundle(engine, rig.profile("nginx"))
            for words in ((), ("--check",)):
                done = engine.host.run(bundle.path / "install.sh", *words, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("error: Docker maps users (`userns-remap`)", done.stderr)


if __name__ == "__main__":
    unittest.main()
