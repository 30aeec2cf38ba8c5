"""What a run may be interrupted in: a bundle as it was, and the command that changes it."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "golden"

NOTES = """version: 1
name: notes
system: ./notes.system.yaml
domain: notes.example.com
admin: [10.8.0.0/24]
"""
SIGNED = "proxy: {tls: {mode: self-signed}}\n"
HOUSE = """version: 1
name: house
admin: [10.8.0.0/24]
systems:
  notes: {system: ./notes.system.yaml, domain: notes.example.com}
"""
FARM = """version: 1
name: farm
system: ./farm.system.yaml
domain: farm.example.com
admin: [10.8.0.0/24]
hosts:
  head: {role: head, address: 203.0.113.5}
  east: {role: worker, address: 203.0.113.9}
"""
HYOS = """version: 1
name: hyos
system: hyos
admin: [10.8.0.0/24]
domain: play.example.com
"""


# The same system under other names.
SHOP = {"notes": "shop", "app": "till", "database": "stock", "database_password": "stock_password", "greeting": "welcome"}


@dataclass
class Situation:
    """A bundle and what is to become of it."""

    name: str
    # Profile of the run that made the bundle; nothing for a first run.
    before: str | None
    # Profile of the run that is interrupted.
    after: str
    # What somebody does to the bundle in between: paths in it to remove, to write, to give a mode.
    moved_away: list = field(default_factory=list)
    written: dict = field(default_factory=dict)
    modes: dict = field(default_factory=dict)
    # Ends of paths of secrets that are to change.
    rotated: tuple = ()
    # What the interrupted command says besides.
    options: tuple = ()
    # In an everyday run every so many calls.
    everyday: int = 0
    # Hashes passwords, so in the full run every so many errors.
    stride: int = 1

    def profile(self, folder, text):
        """Writes a profile, and the systems that it may name."""
        for golden, name in (("own-app", "notes"), ("several-hosts", "farm")):
            if name in text:
                shutil.copy(GOLDEN / golden / f"{name}.system.yaml", folder)
        if "shop" in text:
            shop = Path(folder, "notes.system.yaml").read_text()
            for word, other in SHOP.items():
                shop = re.sub(rf"\b{word}\b", other, shop)
            Path(folder, "shop.system.yaml").write_text(shop)
        Path(folder, "profile.yaml").write_text(text)

    def touch(self, bundle):
        for name in self.moved_away:
            os.remove(f"{bundle}/{name}")
        for name, text in self.written.items():
            os.makedirs(os.path.dirname(f"{bundle}/{name}"), exist_ok=True)
            Path(bundle, name).write_text(text)
        for name, mode in self.modes.items():
            os.chmod(f"{bundle}/{name}", mode)


TWO = HOUSE + "  shop: {system: ./shop.system.yaml, domain: shop.example.com}\n"
SITUATIONS = [
    Situation("fresh", None, NOTES + SIGNED, everyday=19),
    Situation("edit", NOTES, NOTES + "settings: {greeting: Hello}\nservices: {app: {resources: {memory: 300m}}}\n", everyday=17),
    Situation("system-dropped", TWO, HOUSE, everyday=13),
    Situation("system-added", HOUSE, TWO),
    Situation("proxy-changed", NOTES + SIGNED, NOTES + "proxy: {kind: nginx, tls: {mode: self-signed}}\n"),
    Situation("firewall-changed", NOTES, NOTES + "firewall: {kind: iptables}\n"),
    Situation("secrets-rotated", NOTES, NOTES, moved_away=["secrets/database_password"], rotated=("database_password",)),
    Situation("certificates-renewed", NOTES + SIGNED, NOTES + SIGNED, rotated=(".crt", ".key"),
              moved_away=[f"certs/{name}" for name in ("ca.crt", "ca.key", "server.crt", "server.key")]),
    Situation("hosts-added", FARM, FARM + "  west: {role: worker, address: 203.0.113.10, domain: west.example.com}\n"),
    Situation("edited-by-hand", NOTES, NOTES + "services: {app: {resources: {memory: 300m}}}\n", options=("--force", "--adopt", "bundle"),
              written={"compose.yaml": "services: {mine: {image: x}}\n", "proxy/dynamic/tls.yml": "mine: 1\n"}),
    Situation("modes-changed", NOTES, NOTES, modes={"proxy/dynamic": 0o700, "compose.yaml": 0o600, "secrets": 0o755, "": 0o755}),
    Situation("hyos-fresh", None, HYOS + SIGNED, stride=16),
    Situation("hyos-rotated", HYOS, HYOS, moved_away=["secrets/api_client_secret"], rotated=("api_client_secret", "api_client_hash", ),
              stride=16),
]
