"""Networks without names: each namespace lives as long as the process that holds it, and that no longer than the rig.

    internet 198.51.100.2-9 ──veth── 198.51.100.1 host 10.8.0.1 ──veth── 10.8.0.2-9 admin
             2001:db8:51::2-9        2001:db8:51::1  fd00:8::1           fd00:8::2-9

The host is the gateway of both, as a router on their link would be: they know the way to its containers and may try it.
"""

import os

from .process import Failure, run, start, wait_until

CLIENTS = {
    "internet": ("wan0", "198.51.100.{}/24", "2001:db8:51::{}/64"),
    "admin": ("lan0", "10.8.0.{}/24", "fd00:8::{}/64"),
}
# What a profile writes as `admin:`.
ADMIN_NETWORKS = ["10.8.0.0/24", "fd00:8::/64"]


def host_address(client, version=4):
    """The host's address on the link of a client."""
    return CLIENTS[client][version // 2 - 1].format(1).split("/")[0]


def client_address(client, number=2, version=4):
    """One of the client's own addresses; numbers 2 to 9 exist."""
    return CLIENTS[client][version // 2 - 1].format(number).split("/")[0]


class Namespace:
    """A network namespace, held by a process."""

    def __init__(self):
        ours = os.readlink("/proc/self/ns/net")
        self.holder = start("unshare", "--net", "sleep", "infinity")
        self.pid = self.holder.pid
        wait_until(lambda: self._apart(ours), "a network namespace; this needs root", 5)
        self.run("ip", "link", "set", "lo", "up")

    def _apart(self, ours):
        if self.holder.poll() is not None:
            raise Failure("`unshare --net` failed; this needs root")
        return os.readlink(f"/proc/{self.pid}/ns/net") != ours

    def command(self, *command):
        """The command as one that runs in here."""
        return ("nsenter", "--target", self.pid, "--net", *command)

    def run(self, *command, **options):
        """Runs a command in here."""
        return run(*self.command(*command), **options)

    def start(self, *command, **options):
        """Starts a process in here, which ends with the rig."""
        return start(*self.command(*command), **options)

    def close(self):
        """Ends the holder; the namespace goes with its last process."""
        self.holder.kill()
        self.holder.wait()


class Machine(Namespace):
    """A namespace with mounts and processes of its own: whatever is mounted or started in it is gone with it.

    `/run` is empty, so that the Docker socket lies where it does on a real host, and nobody else's is in reach.
    """

    def __init__(self, folder):
        held = "mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/lock && ip link set lo up && echo ready && exec tini-static -s -- sleep infinity"
        self.holder = start("unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork",
                            "--kill-child", "--mount-proc", "sh", "-c", held, stdout=-1, text=True)
        if self.holder.stdout.readline().strip() != "ready":
            raise Failure("`unshare` made no namespaces; this needs root, with the right to mount")
        children = f"/proc/{self.holder.pid}/task/{self.holder.pid}/children"
        self.pid = int(wait_until(lambda: open(children).read().split(), "the first process of the host", 5)[0])
        self.folder = folder

    def command(self, *command):
        return ("nsenter", "--target", self.pid, "--net", "--mount", "--pid", *command)

    def run(self, *command, cwd="/", **options):
        # Whoever enters other mounts stands at their root.
        return run(*self.command("env", "-C", cwd, *command), **options)


def link(host, name, client):
    """Joins the host and a client, with all addresses of both families on either side."""
    device, v4, v6 = CLIENTS[name]
    run("ip", "link", "add", device, "netns", host.pid, "type", "veth", "peer", "up0", "netns", client.pid)
    host.run("ip", "addr", "add", v4.format(1), "dev", device)
    host.run("ip", "addr", "add", v6.format(1), "dev", device, "nodad")
    host.run("ip", "link", "set", device, "up")
    for number in range(2, 10):
        client.run("ip", "addr", "add", v4.format(number), "dev", "up0")
        # Preferred is the last one added, so that the first counts as the client's address in both families.
        life = ["preferred_lft", "0"] if number > 2 else []
        client.run("ip", "addr", "add", v6.format(number), "dev", "up0", "nodad", *life)
    client.run("ip", "link", "set", "up0", "up")
    client.run("ip", "route", "add", "default", "via", v4.format(1).split("/")[0])
    client.run("ip", "-6", "route", "add", "default", "via", v6.format(1).split("/")[0])
