"""What the kernel enforces on a process: limits, mounts, rights. Control groups of version 1 and 2 read alike."""

from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
UNLIMITED = {"max", "-1"}


def status(proc):
    """`/proc/PID/status` as a dict of texts."""
    pairs = (line.split(":", 1) for line in (proc / "status").read_text().splitlines())
    return {name: value.strip() for name, value in pairs}


def mounts(proc):
    """Mounts by target, as (options of the mount, type, options of the file system)."""
    found = {}
    for line in (proc / "mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        fields, (kind, _, options) = left.split(), right.split(" ", 2)
        found[fields[4]] = (set(fields[5].split(",")), kind, dict(
            (name, value) for name, _, value in (part.partition("=") for part in options.split(","))))
    return found


def _group(proc, controller):
    """Folder of the control group that limits a process; version 2 has one for all controllers."""
    for line in (proc / "cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if controller in names.split(","):
            return CGROUPS / controller / path.lstrip("/"), 1
    unified = [line.split(":", 2)[2] for line in (proc / "cgroup").read_text().splitlines() if line.startswith("0::")]
    return CGROUPS / unified[0].lstrip("/"), 2


def _number(text):
    return None if text.strip() in UNLIMITED else int(text)


def memory(proc):
    """Bytes of memory."""
    folder, version = _group(proc, "memory")
    return _number((folder / ("memory.limit_in_bytes" if version == 1 else "memory.max")).read_text())


def memory_and_swap(proc):
    """Bytes of memory and swap together; None where the kernel counts no swap."""
    folder, version = _group(proc, "memory")
    file = folder / ("memory.memsw.limit_in_bytes" if version == 1 else "memory.swap.max")
    if not file.exists():
        return None
    value = _number(file.read_text())
    return value if version == 1 or value is None else value + memory(proc)


def processors(proc):
    """Share of processors, 1.5 for one and a half."""
    folder, version = _group(proc, "cpu")
    if version == 1:
        quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
    else:
        quota, period = (folder / "cpu.max").read_text().split()
    return None if quota.strip() in UNLIMITED else int(quota) / int(period)


def processes(proc):
    """Most processes and threads."""
    folder, _ = _group(proc, "pids")
    return _number((folder / "pids.max").read_text())


def open_files(proc):
    """Most open files, soft limit."""
    line = next(line for line in (proc / "limits").read_text().splitlines() if line.startswith("Max open files"))
    return int(line.split()[3])
