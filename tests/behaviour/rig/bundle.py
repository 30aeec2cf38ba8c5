"""A bundle as its user would make it: a profile, `stockade generate`, and what the tool said."""

import json
import os
import resource
import shutil
from pathlib import Path

from .engine import SOCKET_GID
from .namespaces import ADMIN_NETWORKS
from .process import ROOT, Failure, run

DOMAIN = "play.home.arpa"


def resources():
    """What the largest service may ask of this machine."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {"cpus": str(min(4, os.cpu_count())), "files": min(65536, files) if files > 0 else 65536}


def profile(proxy="traefik", **sections):
    """A profile of HyOS with a private authority, admitting the admin client; sections replace or add.

    A small machine suffices: Docker refuses to give a container more processors than there are, or more open files than
    it may open itself.
    """
    whole = {
        "version": 1, "name": "hyos", "system": "hyos", "domain": DOMAIN, "admin": ADMIN_NETWORKS,
        "proxy": {"kind": proxy, "tls": {"mode": "self-signed"}},
        "docker": {"socket_gid": SOCKET_GID},
        "services": {"hyos-server": {"resources": resources()}},
        "monitoring": {"health_interval": "2s"},
    }
    return {**whole, **sections}


def stockade():
    """The program under test: `$STOCKADE`, else the debug build."""
    found = Path(os.environ.get("STOCKADE") or ROOT / "target/debug/stockade")
    if not found.exists():
        raise Failure(f"`{found}` is missing; run `cargo build` first")
    return found


class Bundle:
    """A generated bundle in a folder of the engine's host."""

    def __init__(self, engine, profile, user=0, name="bundle"):
        """The profile is a dict (JSON is YAML) or the text of one. `user` is the uid that generates and owns it."""
        home = engine.folder / f"user-{user}"
        home.mkdir(exist_ok=True)
        # Open, as /opt or /srv would be: the bundle itself must keep strangers out.
        home.chmod(0o755)
        # Readable for every user, wherever the build lies.
        program = engine.folder / "stockade"
        shutil.copy(stockade(), program)
        program.chmod(0o755)
        self.domain, self.user = DOMAIN, user
        self.firewall = None if isinstance(profile, str) else profile.get("firewall", {}).get("kind", "nftables")
        self.profile, self.path = home / f"{name}.yaml", home / name
        self.profile.write_text(profile if isinstance(profile, str) else json.dumps(profile))
        os.chown(home, user, user)
        os.chown(self.profile, user, user)
        self.said = self.stockade(program, "generate", self.profile, "--out", self.path).stdout

    def stockade(self, *command, **options):
        """Runs a command as the user whose bundle it is."""
        switch = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--"] if self.user else []
        return run(*switch, *command, cwd=self.profile.parent, **options)

    def secret(self, name):
        """Value of a secret."""
        return (self.path / "secrets" / name).read_text().removesuffix("\n")

    def remove(self):
        """Removes the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
