"""A Docker engine of the project's own, on a machine of its own, with two clients beside it."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from . import namespaces
from .process import Failure, alive, environment, run, wait_until

DOCKER = "/usr/bin/docker"  # Debian's, not another one that stands before it in PATH
DOCKERD = "/usr/sbin/dockerd"
PREFIX = "stockade-rig-"
CGROUPS = Path("/sys/fs/cgroup")
# Group of the Docker socket; what a profile writes as `docker: {socket_gid: …}`.
SOCKET_GID = 998


class Engine:
    """`with Engine() as engine:` is a host with dockerd, and the clients `internet` and `admin`.

    Everything lives in namespaces whose first process the kernel ends together with this one, so nothing is left
    running even when this process is killed; folders and control groups that a killed run left are removed by the next.
    """

    def __init__(self, *options):
        """More options for dockerd, such as `--userland-proxy=false`."""
        self.options = options
        self.daemon = None

    def __enter__(self):
        if os.geteuid():
            raise Failure("the behaviour tests need root: they make namespaces and start a Docker engine")
        for tool in (DOCKER, DOCKERD):
            if not Path(tool).exists():
                raise Failure(f"`{tool}` is missing; run tests/setup")
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        self.folder.chmod(0o755)
        self.group = f"{PREFIX}{os.getpid()}"
        self.closing = contextlib.ExitStack()
        # A plain end would skip the clean-up.
        self.before = {number: signal.signal(number, lambda *_: exit(130)) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            self.closing.callback(lambda: remove(self.folder, self.group))
            self.host = namespaces.Machine(self.folder)
            self.closing.callback(self.host.close)
            self.clients = {}
            for name in namespaces.CLIENTS:
                self.clients[name] = namespaces.Namespace()
                self.closing.callback(self.clients[name].close)
                namespaces.link(self.host, name, self.clients[name])
            self.start()
            self.closing.callback(self.stop)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with contextlib.suppress(KeyboardInterrupt):
            self.closing.close()
        for number, handler in self.before.items():
            signal.signal(number, handler)

    @property
    def socket(self):
        """Path of the engine's socket, in reach from everywhere on this machine."""
        return f"{self.folder}/docker.sock"

    @property
    def log(self):
        """What dockerd has written."""
        return self.folder / "dockerd.log"

    def start(self):
        """Starts dockerd and waits until it answers."""
        with self.log.open("a") as log:
            self.daemon = self.host.start(
                DOCKERD, "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
                "--pidfile", self.folder / "dockerd.pid", "-H", f"unix://{self.socket}", "-H", "unix:///run/docker.sock",
                "--group", SOCKET_GID, "--cgroup-parent", f"/{self.group}", "--exec-opt",
                "native.cgroupdriver=cgroupfs", "--shutdown-timeout", "120", *self.options, stdout=log,
                stderr=subprocess.STDOUT, env=environment(TMPDIR=str(self.folder)))
        wait_until(self._answers, lambda: f"dockerd answers\n{self.log.read_text()[-4000:]}", 60)

    def _answers(self):
        if self.daemon.poll() is not None:
            raise Failure(f"dockerd ended with {self.daemon.returncode}\n{self.log.read_text()[-4000:]}")
        return self.docker("version", check=False).returncode == 0

    def stop(self):
        """Stops dockerd as a host's shutdown would; containers get their signal and their grace."""
        if self.daemon and self.daemon.poll() is None:
            pid = (self.folder / "dockerd.pid").read_text().strip()
            self.host.run("kill", "-TERM", pid, check=False)
            try:
                self.daemon.wait(150)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()

    def restart(self):
        """Restarts dockerd, as an upgrade of the package does."""
        self.stop()
        self.start()

    @property
    def client(self):
        """The Docker client, as the first words of a command."""
        return (DOCKER, "-H", f"unix://{self.socket}")

    def docker(self, *command, **options):
        """Runs the Docker client."""
        return run(*self.client, *command, **options)

    def inspect(self, *names):
        """What `docker inspect` says, as Python values."""
        return json.loads(self.docker("inspect", *names).stdout)

    def proc(self, pid):
        """`/proc` of a process of the host, for the process number that Docker shows."""
        return Path(f"/proc/{self.host.pid}/root/proc/{pid}")


def sweep():
    """Removes what earlier runs that were killed have left; nothing of theirs can run any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if owned_by_the_dead(folder):
            shutil.rmtree(folder, ignore_errors=True)
    for group in CGROUPS.glob(f"**/{PREFIX}*"):
        if owned_by_the_dead(group):
            remove_groups(group.name)


def owned_by_the_dead(path):
    owner = re.match(rf"{PREFIX}(\d+)(-|$)", path.name)
    return owner and not alive(int(owner[1]))


def remove(folder, group):
    """Removes the folder of a run and its control groups."""
    remove_groups(group)
    shutil.rmtree(folder, ignore_errors=True)


def remove_groups(group):
    """Removes the control groups of a run. The last processes may still be on their way out of them."""

    def gone():
        left = list(CGROUPS.glob(f"**/{group}"))
        for top in left:
            for below in sorted(top.glob("**/"), reverse=True):
                with contextlib.suppress(OSError):
                    below.rmdir()
        return not any(top.exists() for top in left)

    with contextlib.suppress(Failure):
        wait_until(gone, "control groups are removed", 15)
