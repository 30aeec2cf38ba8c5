#!/usr/bin/env python3
"""Counts how many compose files say only what a system file can say, by their keys.

    python3 tests/corpus/keys.py [--list] FOLDER...

A file counts where each key, and each value on which it depends, is one that the table below calls expressible; what a run of the
application would need beside that (a version of an image, an owner) is not judged. `refused` are those that Stockade refuses on
purpose. It is no test: it tells which key is worth adding next. Change the table with the format.
"""

import argparse
import collections
import re
import sys

from files import documents

# What a key of a service becomes; None: there is no word for it. A function asks the value.
SERVICE = {
    "image": "image",
    "build": "image, built before",
    "container_name": "container_name",
    "hostname": "hostname",
    "domainname": "hostname",
    "restart": "restart",
    "environment": "environment, secrets",
    "env_file": "environment, secrets",
    "ports": "ports, edge",
    "expose": "ports",
    "command": "command",
    "entrypoint": "entrypoint",
    "user": "user",
    "group_add": "groups",
    "working_dir": "working_dir",
    "init": "init",
    "tty": "tty",
    "stdin_open": "stdin_open",
    "sysctls": lambda value: kernel(value),
    "ulimits": "ulimits, limits.files",
    "labels": "labels; those of a proxy: edge",
    "depends_on": "depends_on",
    "healthcheck": "healthcheck",
    "cap_add": "capabilities",
    "cap_drop": "by controls",
    "read_only": "by controls",
    "security_opt": lambda value: options(value),
    "stop_signal": "stop.signal",
    "stop_grace_period": "stop.grace",
    "extra_hosts": "extra_hosts, gateway()",
    "links": "networks",
    "dns": "dns",
    "tmpfs": "tmpfs",
    "shm_size": "limits.shared_memory",
    "mem_limit": "limits.memory",
    "mem_reservation": None,
    "memswap_limit": "limits.memory",
    "cpus": "limits.cpus",
    "pids_limit": "limits.pids",
    "devices": "devices",
    "platform": "platform",
    "secrets": "secrets",
    "configs": "files",
    "volumes": lambda value: volumes(value),
    "networks": "networks",
    "network_mode": lambda value: value in ("bridge", "none", "default") or None,
    "deploy": lambda value: deploy(value),
    "logging": lambda value: value.get("driver", "json-file") in ("json-file", "local") or None,
    "pull_policy": "by the pinned image",
    "profiles": "when",
    "develop": "is of a workshop",
    "attach": "is of a workshop",
}

# Keys that are refused on purpose; everything else without a word is a gap.
REFUSED = {"privileged", "pid", "ipc", "userns_mode", "network_mode: host"}

HEALTH = {"test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"}
DEPENDS = {"condition", "required", "restart"}
ATTACHED = {"aliases", "ipv4_address"}
NETWORK = {"driver", "internal", "ipam", "name", "enable_ipv6", "attachable"}
VOLUME = {"name", "driver", "labels"}
TOP = {"services", "networks", "volumes", "secrets", "configs", "version", "name"}

# Paths of the host that no mount may name, as src/stack/resolve/mounts.rs has them.
CLOSED = re.compile(r"/$|/var(/lib)?/?$|/(bin|boot|dev|etc|lib|lib32|lib64|proc|root|run|sbin|sys|usr|var/lib/containers|var/lib/docker|var/run)(/|$)")
SOCKET = re.compile(r"/(var/)?run/docker\.sock$")


def kernel(value):
    names = value if isinstance(value, dict) else [item.split("=")[0] for item in value]
    return all(re.match(r"(net\.|fs\.mqueue\.|kernel\.(msg|shm|sem))", name) for name in names) or None


def options(value):
    return all(str(item).startswith("no-new-privileges") for item in value) or None


def deploy(value):
    limits = value.get("resources") or {}
    once = str(value.get("replicas", 1)) == "1" and value.get("mode", "replicated") == "replicated"
    allowed = once and set(value) <= {"resources", "restart_policy", "replicas", "mode"} and set(limits) <= {"limits"}
    return allowed or None


def volumes(value):
    return all(mount(item) for item in value) or None


def mount(item):
    """Whether a mount of a service can be said."""
    if isinstance(item, dict):
        if item.get("type") in ("volume", "tmpfs"):
            return bool(item.get("source")) or item["type"] == "tmpfs"
        source, options = str(item.get("source", "")), "ro" if item.get("read_only") else ""
        if (item.get("bind") or {}).get("propagation") not in (None, "rprivate"):
            return False
    else:
        source, _, rest = str(item).partition(":")
        options = rest.rpartition(":")[2] if ":" in rest else ""
        # An anonymous volume is `named`, or scratch space.
        if not rest:
            return True
    flags = options.split(",")
    if {"z", "Z", "shared", "rshared", "slave", "rslave", "nocopy"} & set(flags):
        return False
    if not source.startswith("/") or SOCKET.match(source):
        return True
    return not CLOSED.match(source)


def gaps(document):
    """What a file says that a system file cannot say."""
    for key in set(document) - TOP:
        if not str(key).startswith("x-"):
            yield f"top: {key}"
    for service in (document.get("services") or {}).values():
        yield from gaps_of_service(service or {})
    for network in (document.get("networks") or {}).values():
        for key in set(network or {}) - NETWORK:
            yield f"networks.{key}"
        if (network or {}).get("driver", "bridge") != "bridge":
            yield "networks.driver"
    for volume in (document.get("volumes") or {}).values():
        for key in set(volume or {}) - VOLUME:
            yield f"volumes.{key}"
        if (volume or {}).get("driver", "local") != "local":
            yield "volumes.driver"


def gaps_of_service(service):
    for key, value in service.items():
        if key.startswith("x-") or value is None:
            continue
        how = SERVICE.get(key)
        try:
            how = how(value) if callable(how) else how
        except (AttributeError, TypeError):
            how = None
        if how is None:
            yield f"{key}: host" if key == "network_mode" and value == "host" else key
    for key, known in (("healthcheck", HEALTH),):
        for more in set(service.get(key) or {}) - known:
            yield f"{key}.{more}"
    for key, known in (("depends_on", DEPENDS), ("networks", ATTACHED)):
        value = service.get(key)
        for entry in (value.values() if isinstance(value, dict) else ()):
            for more in set(entry or {}) - known:
                yield f"{key}.{more}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--list", action="store_true", help="names each file that does not count, with its gaps")
    arguments = parser.parse_args()
    total, whole, on_purpose, counts, alone = 0, 0, 0, collections.Counter(), collections.Counter()
    for folder in arguments.folders:
        for path, document in documents(folder):
            total += 1
            found = set(gaps(document))
            whole += not found
            on_purpose += bool(found) and found <= REFUSED
            counts.update(found)
            if len(found) == 1:
                alone.update(found)
            if arguments.list and found:
                print(f"{path}: {', '.join(sorted(found))}")
    if not total:
        sys.exit("no compose file there")
    print(f"{'gap':<32} files  alone")
    for gap, files in counts.most_common():
        print(f"{gap:<32} {files:>5} {alone[gap]:>6}{'  refused on purpose' if gap in REFUSED else ''}")
    print(f"{whole} of {total} files ({100 * whole / total:.1f} %) say only what a system file can say; {on_purpose} others only what is refused on purpose")


if __name__ == "__main__":
    main()
