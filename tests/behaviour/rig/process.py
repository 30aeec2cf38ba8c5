"""Commands that must work, and waiting for conditions instead of for time."""

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PATH = f"{ROOT}/.tools/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Failure(Exception):
    """Something that had to work did not; the text says what and shows its output."""


def environment(**more):
    """A plain environment for tools: nothing of the caller's Docker or ssh leaks in."""
    return {"PATH": PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", **more}


def run(*command, check=True, timeout=300, **options):
    """Runs a command to its end and gives `CompletedProcess`; an unexpected status is a `Failure` with its output."""
    options.setdefault("text", True)
    options.setdefault("env", environment())
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, timeout=timeout, **options)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"`{' '.join(words)}` took more than {timeout} s\n{late.stdout or ''}\n{late.stderr or ''}") from None
    if check and done.returncode:
        raise Failure(f"`{' '.join(words)}` ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def die_with_parent():
    """For `preexec_fn`: the kernel ends the child when this process ends, however it ends."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start(*command, **options):
    """Starts a process that cannot outlive this one. Only from the main thread: the kernel watches the thread."""
    options.setdefault("env", environment())
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen([str(word) for word in command], preexec_fn=die_with_parent, **options)


def wait_until(condition, what, seconds=30, every=0.05):
    """Waits until `condition()` is true and gives its value; after `seconds` it is a `Failure` that names `what`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"after {seconds} s still not: {what() if callable(what) else what}")
        time.sleep(every)


def alive(pid):
    """Whether a process of this number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
