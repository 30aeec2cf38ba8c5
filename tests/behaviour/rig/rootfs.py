"""A root file system as a tar stream: programs with the libraries they need, busybox for all the small commands."""

import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

from .process import ROOT, Failure, environment, run

# Permitted and effective NET_BIND_SERVICE, as `setcap cap_net_bind_service=+ep` writes it.
NET_BIND_SERVICE = "\x01\x00\x00\x02\x00\x04" + "\x00" * 14
LEFT_OUT = re.compile(r"/(test|tests|idlelib|tkinter|lib2to3|ensurepip|site-packages|turtledemo|config-[^/]*|__pycache__)(/|$)")


class RootFs:
    """Collects files; `tar()` gives them as one stream."""

    def __init__(self):
        self.files = {}  # path in the image -> (source path, bytes or link, mode, capability)
        for folder, mode in (("tmp", 0o1777), ("run", 0o755), ("var/log", 0o755), ("root", 0o700), ("etc", 0o755)):
            self.folder(folder, mode)
        self.link("var/run", "/run")
        self.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nhytale:x:568:568::/home/hytale:/bin/sh\nnginx:x:101:101::/:/bin/false\n")
        self.text("etc/group", "root:x:0:\nhytale:x:568:\nnginx:x:101:\n")

    def folder(self, path, mode=0o755, owner=0):
        self.files[path] = ("folder", None, mode, owner, None)

    def text(self, path, text, mode=0o644):
        self.files[path.lstrip("/")] = ("bytes", text.encode(), mode, 0, None)

    def link(self, path, target):
        self.files[path.lstrip("/")] = ("link", target, 0o777, 0, None)

    def file(self, path, source, mode=None, capability=None):
        source = Path(source).resolve()
        if not source.exists():
            raise Failure(f"`{source}` is missing; run tests/setup")
        self.files[path.lstrip("/")] = ("file", source, mode or (source.stat().st_mode & 0o755), 0, capability)

    def tree(self, path, source, leave_out=None):
        """A folder with all below it."""
        for file in sorted(Path(source).rglob("*")):
            name = f"{path}/{file.relative_to(source)}"
            if leave_out and leave_out.search(name):
                continue
            if file.is_file():
                self.file(name, file)

    def busybox(self):
        """busybox with a link for each of its commands, as in Alpine."""
        self.file("bin/busybox", "/bin/busybox")
        for name in run("/bin/busybox", "--list").stdout.split():
            if name != "busybox":
                self.link(f"bin/{name}", "/bin/busybox")
        for name in ("usr/bin", "sbin", "usr/sbin"):
            self.folder(name)

    def program(self, path, source, mode=None, capability=None):
        """A program with the shared libraries it names."""
        self.file(path, source, mode, capability)
        self.libraries(source)

    def libraries(self, source):
        done = run("ldd", Path(source).resolve(), check=False)
        for line in done.stdout.splitlines():
            found = re.search(r"(?:=> )?(/\S+) \(0x", line)
            if not found:
                if "not found" in line:
                    raise Failure(f"`{source}` needs {line.strip()}")
                continue
            library = found[1]
            # The loader keeps its path; libraries go where the loader looks without a cache.
            target = library if "/ld-linux" in library else f"/lib/x86_64-linux-gnu/{os.path.basename(library)}"
            self.file(target, library, 0o755)

    def python(self):
        """The interpreter that runs this, moved to /usr, with its library and bcrypt."""
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        binary = Path(sys.base_prefix) / "bin" / version
        self.program(f"usr/bin/{version}", binary)
        self.link("usr/bin/python3", version)
        paths = sysconfig.get_paths(vars={"base": sys.base_prefix, "platbase": sys.base_exec_prefix,
                                          "installed_base": sys.base_prefix, "installed_platbase": sys.base_exec_prefix})
        self.tree(f"usr/lib/{version}", paths["stdlib"], LEFT_OUT)
        for module in Path(paths["stdlib"], "lib-dynload").glob("*.so"):
            self.libraries(module)
        bcrypt = ROOT / f".tools/venv/lib/{version}/site-packages/bcrypt"
        self.tree("stand-in/bcrypt", bcrypt, LEFT_OUT)
        for module in bcrypt.glob("*.so"):
            self.libraries(module)

    def tar(self, stream):
        """Writes everything, parents first, all of root."""
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name in sorted(self._with_parents()):
                kind, content, mode, owner, capability = self.files.get(name) or ("folder", None, 0o755, 0, None)
                entry = tarfile.TarInfo(name)
                entry.mode, entry.uid, entry.gid = mode, owner, owner
                if capability:
                    entry.pax_headers["SCHILY.xattr.security.capability"] = capability
                if kind == "folder":
                    entry.type = tarfile.DIRTYPE
                    tar.addfile(entry)
                elif kind == "link":
                    entry.type, entry.linkname = tarfile.SYMTYPE, content
                    tar.addfile(entry)
                elif kind == "bytes":
                    entry.size = len(content)
                    tar.addfile(entry, io.BytesIO(content))
                else:
                    entry.size = content.stat().st_size
                    with content.open("rb") as file:
                        tar.addfile(entry, file)

    def _with_parents(self):
        names = set()
        for name in self.files:
            names.add(name)
            parts = name.split("/")
            names.update("/".join(parts[:end]) for end in range(1, len(parts)))
        return names

    def load(self, engine, image, changes):
        """Gives the image to an engine."""
        command = [*engine.client, "import"]
        for change in changes:
            command += ["--change", change]
        child = subprocess.Popen([*command, "-", image], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, env=environment())
        try:
            self.tar(child.stdin)
        except BrokenPipeError:
            pass
        said, _ = child.communicate()
        if child.returncode:
            raise Failure(f"`docker import` of {image} failed: {said.decode()}")
