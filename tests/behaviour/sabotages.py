"""What somebody could do to a running HyOS bundle, how it is undone, and which checks speak of it. Each check of `red` turns broken
and no other; of what is gone the checks are not proven."""

import dataclasses
import os
import shutil
from collections.abc import Callable

import rig


@dataclasses.dataclass
class Sabotage:
    """One act on the host."""

    name: str
    red: set
    do: Callable
    undo: Callable = lambda host: None
    # Services whose checks cannot be asked meanwhile.
    gone: set = dataclasses.field(default_factory=set)


# mount(2): flags of a mount that is there; setns(2) takes the mounts of a container.
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
REMOUNT = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, REMOUNT, BIND = 0x20000, 32, 4096
pid, target, flags = sys.argv[1:]
mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
if libc.setns(mounts, NEW_MOUNTS) or libc.mount(None, target.encode(), None, REMOUNT | BIND | int(flags), None):
    sys.exit(os.strerror(ctypes.get_errno()))
"""


class Hands:
    """What sabotages do it with."""

    def __init__(self, engine, bundle, stack, words):
        self.engine, self.bundle, self.stack, self.words = engine, bundle, stack, words

    def docker(self, *command):
        return self.engine.docker(*command)

    def name(self, service):
        return {"proxy": "hyos-proxy-1"}.get(service, service)

    def host(self, *command, **options):
        return self.engine.host.run(*command, **options)

    def remount(self, service, target, flags):
        """Other flags of a mount in a container, by a program of the host's."""
        self.host("python3", "-c", REMOUNT, str(self.stack.pid(service)), target, str(flags))

    def group(self, service, controller, files, value):
        """Writes to a file of a container's control group; of two names the one that this host has."""
        for line in (self.stack.proc(service) / "cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            for root in ((f"/sys/fs/cgroup/{controller}",) if controller in names.split(",") else ("/sys/fs/cgroup",) if not names else ()):
                for file in files:
                    place = f"{root}{path}/{file}"
                    if os.path.exists(place):
                        with open(place, "w") as found:
                            found.write(value)
                        return
        raise AssertionError(f"no {controller} of {service}")

    def firewall(self, name, *words):
        self.host(*self.words, self.bundle.path / "firewall" / name, *words)


def image(hands, service):
    return hands.stack.config["services"][service]["image"]


def limits(service, **was):
    """`docker update` there and back."""
    def update(which):
        return lambda hands: hands.docker("update", *(word for name, pair in was.items() for word in (f"--{name.replace('_', '-')}", pair[which])),
                                          hands.name(service))
    return {"do": update(1), "undo": update(0)}


def mode(path, to):
    """Another mode of a file, and its own again."""
    kept = {}

    def do(hands):
        kept[path] = (hands.bundle.path / path).stat().st_mode & 0o7777
        (hands.bundle.path / path).chmod(to)
    return {"do": do, "undo": lambda hands: (hands.bundle.path / path).chmod(kept[path])}


def owner(path, uid):
    kept = {}

    def do(hands):
        found = (hands.bundle.path / path).stat()
        kept[path] = (found.st_uid, found.st_gid)
        os.chown(hands.bundle.path / path, uid, uid)
    return {"do": do, "undo": lambda hands: os.chown(hands.bundle.path / path, *kept[path])}


def retag(hands):
    hands.docker("tag", image(hands, "proxy"), "kept:1")
    hands.docker("tag", image(hands, "hyos-server"), image(hands, "proxy"))


def untag(hands):
    hands.docker("tag", "kept:1", image(hands, "proxy"))
    hands.docker("rmi", "kept:1")


def by_hand(hands):
    """The container is made anew without anything that hardens it."""
    hands.docker("rm", "-f", "hyos-manager")
    hands.docker("run", "-d", "--name", "hyos-manager", "--network", "hyos_core", "--user", "0", "--entrypoint", "sleep", image(hands, "hyos-manager"), "600")


def by_the_bundle(hands):
    hands.docker("rm", "-f", "hyos-manager")
    hands.stack.up()


def stranger(network):
    return {"do": lambda hands: hands.docker("run", "-d", "--name", "stranger", "--network", network, "--user", "0", "--entrypoint", "sleep",
                                             image(hands, "hyos-manager"), "600"),
            "undo": lambda hands: hands.docker("rm", "-f", "stranger")}


def beside(*words):
    """Somebody else's container."""
    return {"do": lambda hands: hands.docker("run", "-d", "--name", "stranger", "--user", "0", "--entrypoint", "sleep", *words,
                                             image(hands, "hyos-manager"), "600"),
            "undo": lambda hands: hands.docker("rm", "-f", "stranger")}


def project(service, *words):
    """A container that carries the marks of the project."""
    return beside("--label", "com.docker.compose.project=hyos", "--label", f"com.docker.compose.service={service}", *words)


def enter(service):
    """A session of root, as an operator leaves one open."""
    def leave(hands):
        for pid in hands.stack.pids(service):
            if (hands.engine.proc(pid) / "comm").read_text().strip() == "sleep":
                hands.host("kill", "-KILL", str(pid))
    return {"do": lambda hands: hands.docker("exec", "-d", "-u", "0", hands.name(service), "sleep", "600"), "undo": leave}


def older(hands):
    """A profile of before brought it up: the same container, with another word in its environment."""
    file = hands.engine.folder / "older.yaml"
    file.write_text("services:\n  hyos-server:\n    environment: {SPARE: before}\n")
    hands.stack.compose("-f", "compose.yaml", "-f", file, "up", "--detach", "--no-deps", "--wait", "--wait-timeout", "60", "hyos-server")


def join(network, service):
    return {"do": lambda hands: hands.docker("network", "connect", network, hands.name(service)),
            "undo": lambda hands: hands.docker("network", "disconnect", network, hands.name(service))}


def remount(service, target, there, back):
    return {"do": lambda hands: hands.remount(service, target, there), "undo": lambda hands: hands.remount(service, target, back)}


def thaw(hands):
    hands.docker("unpause", "hyos-server")
    healthy = lambda: hands.stack.container("hyos-server")["State"]["Health"]["Status"] == "healthy"
    rig.wait_until(healthy, "the server is healthy again", 30)


def unit(hands):
    return hands.engine.folder / "root/etc/systemd/system/stockade-firewall.service"


def hide(hands):
    shutil.move(unit(hands), hands.engine.folder / "unit")


def show(hands):
    shutil.move(hands.engine.folder / "unit", unit(hands))


FIREWALL = {"default-deny-firewall/firewall"}
# What is done to what runs.
LIVE = [
    Sabotage("memory limit lifted", {"memory-limit/proxy", "memory-limit/proxy/swap", "memory-limit/proxy/kernel"},
             **limits("proxy", memory=("128m", "1g"), memory_swap=("128m", "1g"))),
    Sabotage("swap allowed", {"memory-limit/hyos-manager/swap"}, **limits("hyos-manager", memory_swap=("1g", "3g"))),
    Sabotage("processor limit changed", {"cpu-limit/proxy", "cpu-limit/proxy/kernel"}, **limits("proxy", cpus=("1", "1.5"))),
    Sabotage("process limit lifted", {"pids-limit/hyos-manager", "pids-limit/hyos-manager/kernel"},
             **limits("hyos-manager", pids_limit=("256", "9999"))),
    Sabotage("process limit lifted behind the engine's back", {"pids-limit/proxy/kernel"},
             do=lambda hands: hands.group("proxy", "pids", ["pids.max"], "max"),
             undo=lambda hands: hands.group("proxy", "pids", ["pids.max"], "64")),
    Sabotage("restarts switched off", {"restart-policy/hyos-server"}, **limits("hyos-server", restart=("unless-stopped", "no"))),
    Sabotage("proxy joins the default bridge", {"networks/proxy"}, **join("bridge", "proxy")),
    Sabotage("dashboard joins a network with a way out", {"networks/hyos-manager", "members/hyos_game"}, **join("hyos_game", "hyos-manager")),
    Sabotage("a stranger joins the inner network", {"members/hyos_core"}, **stranger("hyos_core")),
    Sabotage("a stranger joins the proxy's network", {"members/hyos_front"}, **stranger("hyos_front")),
    Sabotage("secret readable for all", {"secret-file-modes/secrets/session_secret"}, **mode("secrets/session_secret", 0o644)),
    Sabotage("secret of another owner", {"secret-file-modes/secrets/api_client_secret"}, **owner("secrets/api_client_secret", 1234)),
    Sabotage("folder of secrets open", {"secret-file-modes/secrets"}, **mode("secrets", 0o755)),
    Sabotage("data of the game open", {"file-permissions/data/hyos"}, **mode("data/hyos", 0o755)),
    Sabotage("data of the game of another owner", {"file-permissions/data/hyos/mods"}, **owner("data/hyos/mods", 1234)),
    Sabotage("firewall flushed", FIREWALL, do=lambda hands: hands.host("nft", "flush", "table", "inet", "stockade"),
             undo=lambda hands: hands.firewall("apply", "--yes", "--install"), gone={"site"}),
    Sabotage("firewall removed", FIREWALL, do=lambda hands: hands.host("nft", "delete", "table", "inet", "stockade"),
             undo=lambda hands: hands.firewall("apply", "--yes", "--install")),
    Sabotage("nothing loads the firewall at boot", FIREWALL, do=hide, undo=show),
    Sabotage("image's name means another", {"pinned-image/proxy/content"}, do=retag, undo=untag),
    Sabotage("root file system made writable", {"read-only-root/hyos-manager/kernel"}, **remount("hyos-manager", "/", 0, READ_ONLY)),
    Sabotage("scratch space made executable", {"tmpfs-flags/proxy/tmp"},
             **remount("proxy", "/tmp", NO_SUID | NO_DEVICES, NO_SUID | NO_DEVICES | NO_EXEC)),
    Sabotage("devices allowed in scratch space", {"tmpfs-flags/hyos-manager/app/.next/cache"},
             **remount("hyos-manager", "/app/.next/cache", NO_SUID | NO_EXEC, NO_SUID | NO_DEVICES | NO_EXEC)),
    Sabotage("proxy stopped", {"running/stack"}, do=lambda hands: hands.docker("stop", "-t", "1", hands.name("proxy")),
             undo=lambda hands: hands.stack.up(), gone={"proxy"}),
    Sabotage("dashboard stopped", {"running/stack"}, do=lambda hands: hands.docker("stop", "-t", "1", "hyos-manager"),
             undo=lambda hands: hands.stack.up(), gone={"hyos-manager"}),
    Sabotage("server frozen", {"running/stack"}, do=lambda hands: hands.docker("pause", "hyos-server"),
             undo=thaw, gone={"hyos-server"}),
    Sabotage("session of root in the server", {"drift/hyos-server/entered"}, **enter("hyos-server")),
    Sabotage("session of root in the dashboard", {"drift/hyos-manager/entered"}, **enter("hyos-manager")),
    Sabotage("server of an older bundle", {"drift/hyos-server/made"}, do=older, undo=lambda hands: hands.stack.up()),
    Sabotage("a service that the bundle does not know", {"drift/stack/unknown"}, **project("spare", "--network", "none")),
    Sabotage("a second container of a service", {"drift/stack/unknown"}, **project("hyos-server", "--network", "none")),
    Sabotage("a command that somebody runs once beside the stack", {"drift/stack/unknown"},
             **project("hyos-server", "--network", "none", "--label", "com.docker.compose.oneoff=True")),
    Sabotage("a stranger has the socket of the engine", {"drift/stack/socket"},
             **beside("--network", "none", "--volume", "/run/docker.sock:/run/docker.sock:ro")),
    Sabotage("a stranger has all of /run", {"drift/stack/socket"}, **beside("--network", "none", "--volume", "/run:/host:ro")),
    Sabotage("dashboard made anew by hand", {"running/stack", "members/hyos_core"}, do=by_hand, undo=by_the_bundle, gone={"hyos-manager"}),
]



def reload(hands):
    """The proxy takes up its files; whoever answers afterwards was started with them."""
    before = set(hands.stack.pids("proxy"))
    hands.docker("kill", "--signal", "HUP", hands.name("proxy"))
    rig.wait_until(lambda: len(set(hands.stack.pids("proxy")) - before) >= 2 and len(set(hands.stack.pids("proxy")) & before) == 1,
                   "nginx has new workers and no old ones", 20)


def edit(path, old, new):
    """Another text in a file that a container sees, and its own again."""
    kept = {}

    def write(hands, text):
        # In place: the container sees this very file.
        with open(hands.bundle.path / path, "r+", encoding="utf-8") as file:
            file.write(text)
            file.truncate()
        reload(hands)

    def do(hands):
        kept[path] = (hands.bundle.path / path).read_text()
        assert old in kept[path], f"`{old}` is not in {path}"
        start, last = kept[path].rsplit(old, 1)
        write(hands, start + new + last)
    return {"do": do, "undo": lambda hands: write(hands, kept[path])}


def certificate(hands):
    """A certificate of nobody's authority."""
    folder = hands.bundle.path / "certs"
    hands.kept = {name: (folder / name).read_bytes() for name in ("server.crt", "server.key")}
    made = hands.engine.folder
    hands.host("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "9", "-subj",
               f"/CN={SITE}", "-addext", f"subjectAltName=DNS:{SITE}", "-keyout", f"{made}/server.key", "-out", f"{made}/server.crt")
    put(hands, {name: (made / name).read_bytes() for name in hands.kept})


def put(hands, files):
    for name, content in files.items():
        with open(hands.bundle.path / "certs" / name, "r+b") as file:
            file.write(content)
            file.truncate()
    reload(hands)


SITE = "play.home.arpa"
CONF = "proxy/nginx.conf"
FLOOR = "ssl_protocols TLSv1.2 TLSv1.3;  # why: tls-floor\n    ssl_ciphers "
BLOCKED = """location ~* "^/stats(;[^/]*)?([/?#]|\\\\z)" {
            # After the allow-list, unlike a `return`: who is outside does not learn what there is.
            auth_basic off;
            try_files /dev/null =404;"""
# What is done to the proxy.
LIVE += [
    Sabotage("security header dropped", {f"security-headers/{SITE}"}, **edit(CONF, "add_header X-Frame-Options DENY always;", "")),
    Sabotage("security header weakened", {f"security-headers/{SITE}"}, **edit(CONF, "X-Frame-Options DENY", "X-Frame-Options SAMEORIGIN")),
    Sabotage("the application tells what it is", {f"hidden-headers/{SITE}"},
             **edit(CONF, "auth_basic \"", "add_header X-Powered-By Next.js always;\n        auth_basic \"")),
    Sabotage("old TLS spoken", {f"tls-floor/{SITE}/1.1"},
             **edit(CONF, FLOOR, "ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3;\n    ssl_ciphers ALL:@SECLEVEL=0:")),
    Sabotage("everybody admitted", {f"admin-allow-list/{SITE}/api/worlds/slots"}, **edit(CONF, "deny all;", "allow all;")),
    Sabotage("no password", {f"proxy-authentication/{SITE}"}, **edit(CONF, "auth_basic \"HyOS Manager\";", "auth_basic off;")),
    Sabotage("blocked path opened", {f"blocked-paths/{SITE}/stats"}, **edit(CONF, BLOCKED, BLOCKED.replace("try_files /dev/null =404;", "return 200;"))),
    Sabotage("certificate of somebody else", {f"certificate/{SITE}"}, do=certificate, undo=lambda hands: put(hands, hands.kept)),
]


# What containers are made with: lines of a compose file over the bundle's, and the checks that speak of them.
def over(name, lines, red):
    return name, lines, {red} if isinstance(red, str) else red


SECRET = "{secret}"
# A sabotage for each of three services at once: their checks are their own.
ROUNDS = [
    {"proxy": over("capability added", "cap_add: [NET_RAW]", "least-capabilities/proxy"),
     "hyos-manager": over("may gain rights", "security_opt: !override []", "no-new-privileges/hyos-manager"),
     "hyos-server": over("root file system writable", "read_only: false", {"read-only-root/hyos-server", "read-only-root/hyos-server/kernel"})},
    {"proxy": over("system calls unfiltered", "security_opt: ['seccomp=unconfined']", "seccomp/proxy"),
     "hyos-manager": over("processes of the host", "pid: host", "no-host-namespaces/hyos-manager/pid"),
     "hyos-server": over("a directory of the host", "volumes: ['/etc/skel:/skel']", "narrow-mounts/hyos-server")},
    {"proxy": over("shared memory of the host", "ipc: host", "no-host-namespaces/proxy/ipc"),
     "hyos-manager": over("socket of the engine", "volumes: ['/run/docker.sock:/run/docker.sock:ro']",
                          {"narrow-mounts/hyos-manager", "docker-socket/hyos-manager"}),
     "hyos-server": over("port published", "ports: ['0.0.0.0:30381:30381']", "bound-ports/hyos-server")},
    {"proxy": over("control groups of the host", "cgroup: host", "no-host-namespaces/proxy/cgroup"),
     "hyos-manager": over("port published", "ports: ['127.0.0.1:3000:3000']", "only-proxy-published/hyos-manager"),
     "hyos-server": over("logs without end", "logging: {driver: json-file, options: !override {max-size: 50m}}", "bounded-logs/hyos-server")},
    {"proxy": over("swap without end", "memswap_limit: -1", "memory-limit/proxy/swap"),
     "hyos-manager": over("secret as a variable", f"environment: {{LEAK: 'x{SECRET}'}}", "secrets-out-of-environment/hyos-manager"),
     "hyos-server": over("a health check that cannot fail", "healthcheck: {test: [CMD, 'true']}", "healthcheck/hyos-server/test")},
    {"proxy": over("secret of another service", "secrets: [session_secret]", "secrets-out-of-environment/proxy/files"),
     "hyos-manager": over("device of the host", "devices: ['/dev/null:/dev/spare']", "device-rights/hyos-manager"),
     "hyos-server": over("no time to stop", "stop_grace_period: 5s", "stop-grace/hyos-server")},
    {"proxy": over("host name of the host", "uts: host\n    hostname: !reset null", "no-host-namespaces/proxy/uts"),
     "hyos-manager": over("group of the host", "group_add: ['4']", "non-root-user/hyos-manager/groups"),
     "hyos-server": over("scratch space larger", "tmpfs: !override ['/tmp:rw,exec,nosuid,nodev,size=512m,mode=1777', "
                         "'/home/hytale:rw,noexec,nosuid,nodev,size=16m,mode=0700,uid=568,gid=568']", "tmpfs-flags/hyos-server/tmp")},
    {"proxy": over("another group", "user: '101:102'", {"non-root-user/proxy/group", "non-root-user/proxy/groups"}),
     "hyos-manager": over("another group", "user: '568:569'", {"non-root-user/hyos-manager/group", "non-root-user/hyos-manager/groups"}),
     "hyos-server": over("device of the host", "devices: ['/dev/zero:/dev/spare:r']", "device-rights/hyos-server")},
    {"proxy": over("all rights", "privileged: true", {"least-capabilities/proxy", "least-capabilities/proxy/privileged", "seccomp/proxy"}),
     "hyos-manager": over("second network", "networks: {game: {}}", {"networks/hyos-manager", "members/hyos_game"}),
     "hyos-server": over("restarts switched off", "restart: 'no'", "restart-policy/hyos-server")},
]


def overlay(sabotages, secret):
    """The compose file that lies over the bundle's."""
    parts = [f"  {service}:\n    {lines.replace(SECRET, secret)}" for service, (_, lines, _) in sabotages.items()]
    return "services:\n" + "\n".join(parts) + "\n"


def page():
    """The page of the documentation."""
    rows = [(sabotage.name, "", sabotage.red, sabotage.gone) for sabotage in LIVE]
    rows += [(name, service, red, set()) for sabotages in ROUNDS for service, (name, _, red) in sabotages.items()]
    text = [HEAD.format(number=len(rows))]
    for name, service, red, gone in rows:
        checks = ", ".join(f"`{check}`" for check in sorted(red))
        unseen = f"; all of {', '.join('the sites' if one == 'site' else f'`{one}`' for one in sorted(gone))} not proven" if gone else ""
        text.append(f"| {name}{f' (`{service}`)' if service else ''} | {checks}{unseen} |\n")
    return "".join(text)


HEAD = """# What `verify` notices

Each line was done to a running HyOS bundle on a real Docker engine. The checks beside it turned broken, and no other did; after it was undone,
everything was proven again. A test does all of them (`tests/behaviour/test_verify.py`), and this page is written from its table, of {number}.

| what was done | what says so |
|---|---|
"""
