"""A folder as a value: taken, put back, compared. What is random in it is compared by its form."""

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

STAGE = ".stockade-stage-"


@dataclass(frozen=True)
class File:
    """A file or directory (no bytes); `inode` counts for nothing in comparisons."""

    mode: int
    owner: tuple
    bytes: bytes | None
    inode: int = 0

    def form(self):
        return self.mode, self.owner, self.bytes


def take(folder, known=None):
    """What lies in a folder, by path; the folder itself is the empty one. `known` keeps bytes between calls."""
    tree, known = {}, {} if known is None else known

    def one(path, name):
        found = os.lstat(path)
        owner, mode = (found.st_uid, found.st_gid), stat.S_IMODE(found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            tree[name] = File(mode, owner, None, found.st_ino)
            for entry in os.listdir(path):
                one(os.path.join(path, entry), f"{name}/{entry}" if name else entry)
            return
        state = found.st_ino, found.st_size, found.st_mtime_ns
        if state not in known:
            with open(path, "rb") as file:
                known[state] = file.read()
        tree[name] = File(mode, owner, known[state], found.st_ino)

    if os.path.lexists(folder):
        one(str(folder), "")
    return tree


def put(tree, folder):
    """Makes a folder that is not there hold a tree."""
    made = {}
    for name in sorted(tree):
        file, path = tree[name], os.path.join(folder, name) if name else str(folder)
        if file.bytes is None:
            os.mkdir(path)
        elif file.inode and file.inode in made:
            # A second name of the same file.
            os.link(made[file.inode], path)
        else:
            made[file.inode] = path
            with open(path, "wb") as out:
                out.write(file.bytes)
        if os.getuid() == 0:
            os.chown(path, *file.owner)
    # Last, and from below: a directory may be closed to us.
    for name in sorted(tree, reverse=True):
        os.chmod(os.path.join(folder, name) if name else folder, tree[name].mode)


LABEL = re.compile(rb'(stockade\.inputs: *"?)[0-9a-f]{8,}')


def bundles(tree):
    """Where the bundles in a tree are."""
    return [name.removesuffix("stockade.lock") for name in tree if name.rsplit("/", 1)[-1] == "stockade.lock"] or [""]


def values(tree):
    """Secrets and keys by path."""
    return {
        name: file.bytes for name, file in tree.items()
        if file.bytes is not None and re.search(r"(^|/)(secrets/[^/.][^/]*|certs/[^/]*)$", name)
    }


def plain(tree):
    """The same with everything random replaced by its form: two runs of one command give equal ones."""
    found = values(tree)
    texts = sorted(((value.strip(), name) for name, value in found.items() if len(value.strip()) >= 12),
                   key=lambda pair: -len(pair[0]))
    result = {}
    for name, file in tree.items():
        if file.bytes is None:
            result[name] = file.form()
            continue
        last = name.rsplit("/", 1)[-1]
        if name in found:
            # Hashes and names of users say how they begin.
            data = b"a value of %d bytes" % (len(file.bytes) // 64)
        elif last == "stockade.key":
            data = json.dumps(sorted(described(file.bytes))).encode()
        elif last == ".digests":
            data = digests(tree, name, file.bytes)
        elif last == "stockade.lock":
            data = lock(tree, name.removesuffix(last), file.bytes)
        else:
            data = LABEL.sub(rb"\1LABEL", file.bytes)
            for value, of in texts:
                data = data.replace(value, b"<" + of.encode() + b">")
        result[name] = file.mode, file.owner, data
    return result


def described(bytes_):
    """Names of what the file of marks knows."""
    try:
        return json.loads(bytes_).get("secrets", {}).keys()
    except ValueError:
        return [f"no JSON: {bytes_!r}"]


def fits(tree, path, digest):
    file = tree.get(path)
    return "fits" if file and file.bytes is not None and hashlib.sha256(file.bytes).hexdigest() == digest else digest


def digests(tree, name, bytes_):
    base = name.removesuffix("secrets/.digests")
    try:
        files = json.loads(bytes_)["files"]
    except (ValueError, KeyError):
        return bytes_
    return json.dumps({path: [fits(tree, base + path, one) for one in known] for path, known in files.items()}).encode()


def lock(tree, base, bytes_):
    try:
        text = json.loads(bytes_)
    except ValueError:
        return bytes_
    for file in text.get("files", []):
        if file.get("sha256"):
            file["sha256"] = fits(tree, base + file["path"], file["sha256"])
    text["generations"] = sorted(text.get("generations", {}))
    return json.dumps(text).encode()


def print_of(tree):
    """A digest of a plain tree. Of what lies in a stage only counts whether there is any, because a run sweeps it unread."""
    parts = {repr((name, form)) for name, form in plain(tree).items() if STAGE not in name}
    parts |= {re.sub(STAGE + r"\d+(/.*)?", lambda found: STAGE + ("/" if found[1] else ""), name) for name in tree if STAGE in name}
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()


def differences(a, b):
    """Paths in which two plain trees differ, with how."""
    said = []
    for name in sorted(a.keys() | b.keys()):
        if a.get(name) != b.get(name):
            if name not in a or name not in b:
                said.append(f"{name}: {'only after the interruption' if name in a else 'missing'}")
            else:
                said.append(f"{name}: {a[name][:2]} {b[name][:2]}" + show(a[name][2], b[name][2]))
    return said


def show(a, b):
    if a == b or a is None or b is None:
        return ""
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return f" …{a[max(0, at - 30):at + 50]!r} instead of …{b[max(0, at - 30):at + 50]!r}"
