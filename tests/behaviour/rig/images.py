"""The images a bundle names, made here: real proxies, and stand-ins for what cannot be pulled.

One base holds busybox, bash, tini, Python and all stand-ins; an image of a stand-in is that base with an entrypoint of
its own, so it costs nothing. A proxy is busybox and the proxy's own binary, as in the images of the same name.
"""

import json
import re
from pathlib import Path

from .process import ROOT, Failure, run
from .rootfs import NET_BIND_SERVICE, RootFs

STANDINS = Path(__file__).resolve().parents[1] / "standins"
BASE = "stockade-rig/base"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def base():
    """The root that all stand-ins share."""
    root = RootFs()
    root.busybox()
    root.program("bin/bash", "/bin/bash")
    root.program("sbin/tini", "/usr/bin/tini-static")
    # What Alpine's own busybox or these images have and Debian's busybox has not.
    for name in ("curl", "pgrep", "pkill", "printenv", "ss"):
        root.program(f"usr/bin/{name}", f"/usr/bin/{name}")
    root.python()
    # Any small library will do as the one the JVM unpacks.
    root.file("stand-in/native.so", "/lib/x86_64-linux-gnu/libz.so.1", 0o755)
    root.file("stand-in/web.py", STANDINS / "web.py")
    root.file("opt/scripts/entrypoint.sh", STANDINS / "hyos/entrypoint.sh", 0o755)
    root.file("opt/scripts/healthcheck.sh", STANDINS / "hyos/healthcheck.sh", 0o755)
    root.file("opt/java/openjdk/bin/java", STANDINS / "hyos/java", 0o755)
    root.file("app/server.js", STANDINS / "hyos/server.js", 0o644)
    root.file("usr/local/bin/node", STANDINS / "node", 0o755)
    root.program("usr/local/bin/node.real", run("node", "-p", "process.execPath", env=None).stdout.strip(), 0o755)
    root.file("usr/local/bin/docker-entrypoint.sh", STANDINS / "docker-entrypoint.sh", 0o755)
    root.file("socket-proxy", STANDINS / "socket-proxy", 0o755)
    root.file("healthcheck", STANDINS / "socket-proxy-healthcheck", 0o755)
    for folder in ("data", "home/hytale", "app/.next/cache", "sock"):
        root.folder(folder)
    return root


def traefik():
    root = RootFs()
    root.busybox()
    root.file("usr/local/bin/traefik", ROOT / ".tools/bin/traefik", 0o755)
    root.text("entrypoint.sh", '#!/bin/sh\nset -e\nexec "$@"\n', 0o755)
    return root


def caddy():
    root = RootFs()
    root.busybox()
    # The image's binary carries a file capability, so the kernel refuses to start it where that one may not be had.
    root.file("usr/bin/caddy", ROOT / ".tools/bin/caddy", 0o755, NET_BIND_SERVICE)
    for folder in ("config/caddy", "data/caddy", "etc/caddy", "srv"):
        root.folder(folder)
    return root


def nginx():
    root = RootFs()
    root.busybox()
    root.program("usr/sbin/nginx", ROOT / ".tools/bin/nginx", 0o755)
    root.file("etc/nginx/mime.types", "/etc/nginx/mime.types")
    root.text("docker-entrypoint.sh", '#!/bin/sh\nset -e\nexec "$@"\n', 0o755)
    root.folder("var/cache/nginx", 0o755, 101)
    root.folder("var/log/nginx")
    return root


def postgres_home():
    """Where Debian has the programs of its newest PostgreSQL."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda home: int(home.parent.name))
    if not homes:
        raise Failure("PostgreSQL is missing; run tests/setup")
    return homes[-1]


def server(name):
    """A root for one server, with its user as the image's: 999."""
    root = RootFs()
    root.busybox()
    root.program("bin/bash", "/bin/bash")
    root.program("usr/bin/setpriv", "/usr/bin/setpriv")
    root.text("etc/passwd", f"root:x:0:0:root:/root:/bin/sh\n{name}:x:999:999::/:/bin/sh\n")
    root.text("etc/group", f"root:x:0:\n{name}:x:999:\n")
    root.file("usr/local/bin/docker-entrypoint.sh", STANDINS / f"{name}-entrypoint.sh", 0o755)
    return root


def postgres():
    root, home = server("postgres"), postgres_home()
    for name in ("initdb", "pg_ctl", "pg_isready", "postgres", "psql"):
        root.program(f"{home}/{name}", home / name)
        root.link(f"usr/local/bin/{name}", f"{home}/{name}")
    root.tree(f"{home.parent}/lib", home.parent / "lib", re.compile(r"/bitcode/|llvmjit"))
    share = Path("/usr/share/postgresql") / home.parent.name
    root.tree(str(share), share, re.compile(r"/(man|locale)/"))
    root.tree("/usr/share/zoneinfo/Etc", "/usr/share/zoneinfo/Etc")
    root.folder("run/postgresql", 0o3777, 999)
    root.folder("var/lib/postgresql/data", 0o1777, 999)
    return root


def redis():
    root = server("redis")
    for name in ("redis-cli", "redis-server"):
        root.program(f"usr/local/bin/{name}", f"/usr/bin/{name}")
    root.folder("data", 0o755, 999)
    return root


def words(*parts):
    return json.dumps(parts)


# By name without tag: what is in it, and how the image of that name is configured. `None` is the stand-ins' base.
RECIPES = {
    "ghcr.io/editmysave/hyos/server": (None, [
        f"ENTRYPOINT {words('/sbin/tini', '--')}", f"CMD {words('/bin/bash', '/opt/scripts/entrypoint.sh')}",
        f"ENV PATH=/opt/java/openjdk/bin:{SYSTEM_PATH} PYTHONUNBUFFERED=1 DATA_DIR=/data", "WORKDIR /data",
        "EXPOSE 5520/udp"]),
    "ghcr.io/editmysave/hyos/manager": (None, [
        f"ENTRYPOINT {words('docker-entrypoint.sh')}", f"CMD {words('node', 'server.js')}", "USER nextjs",
        f"ENV PATH={SYSTEM_PATH} NODE_ENV=production PORT=3000 HOSTNAME=0.0.0.0", "WORKDIR /app", "EXPOSE 3000/tcp"]),
    "wollomatic/socket-proxy": (None, [
        f"ENTRYPOINT {words('/socket-proxy')}", "CMD []", "USER 65534:65534", f"ENV PATH={SYSTEM_PATH}",
        "VOLUME /var/run/docker.sock", "EXPOSE 2375"]),
    # Of tests/behaviour/proxy.
    "registry.example.com/front/app": (None, [f"ENTRYPOINT {words('/app/server.js')}", f"ENV PATH={SYSTEM_PATH}"]),
    "traefik": (traefik, [
        f"ENTRYPOINT {words('/entrypoint.sh')}", f"CMD {words('traefik')}", f"ENV PATH={SYSTEM_PATH}", "EXPOSE 80"]),
    "caddy": (caddy, [
        f"CMD {words('caddy', 'run', '--config', '/etc/caddy/Caddyfile', '--adapter', 'caddyfile')}",
        f"ENV PATH={SYSTEM_PATH} XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data", "WORKDIR /srv", "EXPOSE 80"]),
    "nginx": (nginx, [
        f"ENTRYPOINT {words('/docker-entrypoint.sh')}", f"CMD {words('nginx', '-g', 'daemon off;')}",
        # The wheel's nginx was built to read its configuration from where it stands; the image's reads it from here.
        f"ENV PATH={SYSTEM_PATH}", "WORKDIR /etc/nginx", "EXPOSE 80"]),
    # Debian's servers behind what the vendors' entry points do.
    "postgres": (postgres, [
        f"ENTRYPOINT {words('docker-entrypoint.sh')}", f"CMD {words('postgres')}", "EXPOSE 5432",
        f"ENV PATH={SYSTEM_PATH} PGDATA=/var/lib/postgresql/data"]),
    "redis": (redis, [
        f"ENTRYPOINT {words('docker-entrypoint.sh')}", f"CMD {words('redis-server')}", f"ENV PATH={SYSTEM_PATH}",
        "WORKDIR /data", "EXPOSE 6379"]),
}


def ensure(engine, names):
    """Makes the named images where the engine has them not."""
    there = set(engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.split())
    for name in names:
        if name in there:
            continue
        repository = name.split("@")[0].rsplit(":", 1)[0]
        if repository not in RECIPES:
            raise Failure(f"no recipe for the image `{name}`; add one to RECIPES in {__file__}")
        build, changes = RECIPES[repository]
        if build:
            build().load(engine, name, changes)
        else:
            variant(engine, name, changes, there)
        there.add(name)


def variant(engine, name, changes, there):
    """The stand-ins' base under another name and configuration."""
    if f"{BASE}:latest" not in there:
        base().load(engine, BASE, ["CMD true"])
        there.add(f"{BASE}:latest")
    container = engine.docker("create", BASE).stdout.strip()
    command = [word for change in changes for word in ("--change", change)]
    engine.docker("commit", *command, container, name)
    engine.docker("rm", container)
