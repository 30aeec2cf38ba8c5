"""Runs a program under a supervisor that sees every call of it that changes a folder, before the kernel does.

The kernel asks the supervisor (seccomp user notification, Linux 5.9 or later), for all threads in one order. It may look at the folder
while the program waits, let the call go on, or have it fail. `strace --inject` counts each thread on its own and cannot look.
"""

import ctypes
import fcntl
import os
import platform
import select
import signal
import socket
import struct
from dataclasses import dataclass

# Numbers of the calls, by machine. Calls that change something, and what they take: `at` a directory and a path, `path` a path
# alone, `two` two of each, `fd` an open file.
MACHINES = {
    "x86_64": (0xC000003E, 438, 317, {
        "write": (1, "fd"), "pwrite64": (18, "fd"), "writev": (20, "fd"), "pwritev": (296, "fd"), "fallocate": (285, "fd"),
        "ftruncate": (77, "fd"), "fsync": (74, "fd"), "fdatasync": (75, "fd"), "syncfs": (306, "fd"), "sync_file_range": (277, "fd"),
        "fchmod": (91, "fd"), "fchown": (93, "fd"), "copy_file_range": (326, "to"), "sendfile": (40, "fd"),
        "open": (2, "path"), "creat": (85, "path"), "truncate": (76, "path"), "mkdir": (83, "path"), "rmdir": (84, "path"),
        "unlink": (87, "path"), "chmod": (90, "path"), "chown": (92, "path"), "lchown": (94, "path"), "rename": (82, "paths"),
        "link": (86, "paths"), "openat": (257, "at"), "openat2": (437, "at"), "mkdirat": (258, "at"), "unlinkat": (263, "at"),
        "fchmodat": (268, "at"), "fchmodat2": (452, "at"), "fchownat": (260, "at"), "utimensat": (280, "at"),
        "renameat": (264, "two"), "renameat2": (316, "two"), "linkat": (265, "two"), "symlinkat": (266, "late"),
        "read": (0, "fd"), "getdents64": (217, "fd"), "statx": (332, "at"), "newfstatat": (262, "at"), "flock": (73, "fd"),
    }),
    "aarch64": (0xC00000B7, 438, 277, {
        "write": (64, "fd"), "pwrite64": (68, "fd"), "writev": (66, "fd"), "pwritev": (70, "fd"), "fallocate": (47, "fd"),
        "ftruncate": (46, "fd"), "fsync": (82, "fd"), "fdatasync": (83, "fd"), "syncfs": (267, "fd"), "sync_file_range": (84, "fd"),
        "fchmod": (52, "fd"), "fchown": (55, "fd"), "copy_file_range": (285, "to"), "sendfile": (71, "fd"), "truncate": (45, "path"),
        "openat": (56, "at"), "openat2": (437, "at"), "mkdirat": (34, "at"), "unlinkat": (35, "at"), "fchmodat": (53, "at"),
        "fchmodat2": (452, "at"), "fchownat": (54, "at"), "utimensat": (88, "at"), "renameat": (38, "two"),
        "renameat2": (276, "two"), "linkat": (37, "two"), "symlinkat": (36, "late"),
        "read": (63, "fd"), "getdents64": (61, "fd"), "statx": (291, "at"), "newfstatat": (79, "at"), "flock": (32, "fd"),
    }),
}
LOOKS = {"read", "getdents64", "statx", "newfstatat", "flock"}
# openat() is a change where it may write or make.
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
AT_FDCWD = -100

RECEIVE, SEND = 0xC0502100, 0xC0182101
ALLOW, NOTIFY, CONTINUE = 0x7FFF0000, 0x7FC00000, 1

try:
    MACHINE, _, SECCOMP, CALLS = MACHINES[platform.machine()]
except KeyError:
    raise SystemExit(f"the numbers of system calls are not known for {platform.machine()}") from None
NAMES = {number: (name, takes) for name, (number, takes) in CALLS.items()}


@dataclass
class Call:
    """One call that concerns the folder, before it is made."""

    number: int
    name: str
    # Path as the program sees it, and the second one of a rename or a link.
    path: str
    other: str | None = None
    # Of an open file.
    inode: int | None = None

    def changes(self):
        return self.name not in LOOKS


class Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint)]


class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]


LIBC = ctypes.CDLL(None, use_errno=True)


def rules(looks):
    """A filter that notifies of the calls above, of openat() only where it may change something unless `looks`."""
    load = lambda offset: (0x20, 0, 0, offset)
    equal = lambda value, yes, no: (0x15, yes, no, value)
    give = lambda action: (0x06, 0, 0, action)
    lines = [load(4), equal(MACHINE, 1, 0), give(ALLOW), load(0)]
    for name, (number, _) in CALLS.items():
        if name in LOOKS and not looks:
            continue
        if name in ("openat", "open") and not looks:
            flags = 16 + 8 * (2 if name == "openat" else 1)
            lines += [equal(number, 0, 4), load(flags), (0x45, 0, 1, WRITES), give(NOTIFY), give(ALLOW)]
        else:
            lines += [equal(number, 0, 1), give(NOTIFY)]
    lines.append(give(ALLOW))
    array_of = (Filter * len(lines))(*(Filter(*line) for line in lines))
    return array_of, Program(len(lines), array_of)


class Run:
    """A program and its supervisor. `decide` gets each call that concerns `folder`, and says an errno to have it fail, `kill`, or
    nothing."""

    def __init__(self, folder, decide, looks=False):
        self.folder = os.path.realpath(folder)
        self.decide = decide
        self.looks = looks
        self.count = 0

    def __call__(self, arguments, cwd, environment, output):
        """The exit status, or less than 0 where a signal ended it; what it prints goes to the file `output`."""
        ours, theirs = socket.socketpair()
        keep, program = rules(self.looks)
        child = os.fork()
        if child == 0:
            try:
                os.chdir(cwd)
                printed = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
                os.dup2(printed, 1)
                os.dup2(printed, 2)
                # No new privileges; then the filter.
                LIBC.prctl(38, 1, 0, 0, 0)
                listener = LIBC.syscall(SECCOMP, 1, 8, ctypes.byref(program))
                socket.send_fds(theirs, [b"x"], [listener] if listener >= 0 else [])
                os.execve(arguments[0], arguments, environment)
            finally:
                os._exit(127)
        theirs.close()
        _, fds, _, _ = socket.recv_fds(ours, 1, 1)
        ours.close()
        if not fds:
            raise SystemExit("the kernel refuses seccomp user notification (SECCOMP_FILTER_FLAG_NEW_LISTENER)")
        self.listener, self.child = fds[0], child
        try:
            self.serve()
        finally:
            os.close(self.listener)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def serve(self):
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        while True:
            events = poll.poll(60_000)
            if not events:
                os.kill(self.child, signal.SIGKILL)
                raise SystemExit("the program hangs")
            if events[0][1] & select.POLLIN:
                self.one()
            elif events[0][1] & (select.POLLHUP | select.POLLERR):
                return

    def one(self):
        notice = bytearray(80)
        try:
            fcntl.ioctl(self.listener, RECEIVE, notice)
        except FileNotFoundError:
            return
        identity, pid, _, number, _, _, *arguments = struct.unpack("=QIIiIQ6Q", notice)
        answer = None
        call = self.call(pid, number, arguments)
        if call:
            self.count += call.changes() or self.looks
            answer = self.decide(call)
        if answer == "kill":
            os.kill(self.child, signal.SIGKILL)
            return
        reply = struct.pack("=QqiI", identity, 0, -answer, 0) if answer else struct.pack("=QqiI", identity, 0, 0, CONTINUE)
        try:
            fcntl.ioctl(self.listener, SEND, bytearray(reply))
        except FileNotFoundError:
            return

    def call(self, pid, number, arguments):
        """The call, where it concerns the folder."""
        name, takes = NAMES[number]
        other = inode = None
        try:
            match takes:
                case "fd" | "to":
                    fd = arguments[0 if takes == "fd" else 2]
                    link = f"/proc/{pid}/fd/{fd & 0xFFFFFFFF}"
                    path = os.readlink(link).removesuffix(" (deleted)")
                    inode = os.stat(link).st_ino if self.concerns(path) else None
                case "path":
                    path = self.path(pid, AT_FDCWD, arguments[0])
                case "paths":
                    path, other = (self.path(pid, AT_FDCWD, at) for at in arguments[:2])
                case "at":
                    path = self.path(pid, arguments[0], arguments[1])
                case "late":
                    path = self.path(pid, arguments[1], arguments[2])
                case "two":
                    path, other = self.path(pid, arguments[0], arguments[1]), self.path(pid, arguments[2], arguments[3])
        except (OSError, UnicodeDecodeError):
            return None
        if not self.concerns(path) and not (other and self.concerns(other)):
            return None
        return Call(self.count, name, path, other, inode)

    def concerns(self, path):
        return path == self.folder or path.startswith(self.folder + "/")

    def path(self, pid, fd, pointer):
        fd = ctypes.c_int(fd & 0xFFFFFFFF).value
        text = bytearray()
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            memory.seek(pointer)
            # A name ends before its page does, or goes on in the next one.
            while b"\0" not in text and len(text) < 4096:
                part = memory.read(4096 - memory.tell() % 4096)
                if not part:
                    break
                text += part
        text = bytes(text.split(b"\0", 1)[0]).decode()
        base = os.readlink(f"/proc/{pid}/cwd" if fd == AT_FDCWD else f"/proc/{pid}/fd/{fd}")
        return os.path.normpath(os.path.join(base, text)) if text else base
