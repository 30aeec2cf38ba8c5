"""A terminal of its own: a shell in tmux, in a folder of its own, watched until it shows what is expected."""

import os
import re
import shutil
import subprocess
import tempfile
import time

PATIENCE = 20
DIGEST = "@sha256:" + "1" * 64


class Terminal:
    """`width` by `height`, with an environment of nothing but what is given."""

    def __init__(self, program, width=80, height=50, **environment):
        self.folder = tempfile.mkdtemp(prefix="terminal-")
        self.socket = os.path.join(self.folder, ".tmux")
        self.home = os.path.join(self.folder, "home")
        os.mkdir(self.home)
        known = {
            "PATH": f"{os.path.dirname(os.path.abspath(program))}:/usr/bin:/bin",
            "HOME": self.home, "LANG": "C.UTF-8", "STOCKADE_TODAY": "2026-11-01", "PS1": "<$?> ", **environment,
        }
        words = [f"{name}={value}" for name, value in known.items()]
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "-c", self.home,
                  "env", "-u", "TERM", "env", "-i", f"TERM={environment.get('TERM', 'screen-256color')}", *words,
                  "bash", "--norc", "--noprofile", "-i")
        self.tmux("set-option", "-g", "history-limit", "5000")
        self.wait(r"<0> $")

    def tmux(self, *words, **more):
        return subprocess.run(["tmux", "-S", self.socket, *words], check=True, capture_output=True, text=True, **more).stdout

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def screen(self, styles=False):
        """All that was shown, wrapped lines joined."""
        words = ["-e"] if styles else []
        return self.tmux("capture-pane", "-p", "-J", "-S", "-5000", *words).rstrip("\n")

    def wait(self, pattern, gone=None):
        """Until the end of the screen matches; what is on it then."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            screen = self.screen()
            if re.search(pattern, screen) and not (gone and re.search(gone, screen)):
                return screen
            time.sleep(0.02)
        raise AssertionError(f"never showed {pattern!r}:\n{self.screen()}")

    def key(self, *names):
        self.tmux("send-keys", *names)

    def text(self, text):
        self.tmux("send-keys", "-l", text)

    def line(self, text):
        self.text(text)
        self.key("Enter")

    def command(self, text):
        """A command, until it has ended; its status and what the screen shows."""
        self.clear()
        self.line(text)
        return self.status()

    def clear(self):
        """Until nothing is on the screen but the shell's prompt."""
        self.key("C-l")
        end = time.monotonic() + PATIENCE
        while not re.fullmatch(r"<\d+> *", self.tmux("capture-pane", "-p").strip()):
            if time.monotonic() > end:
                raise AssertionError(self.screen())
            time.sleep(0.02)
        self.tmux("clear-history")

    def status(self):
        screen = self.wait(r"\n<\d+> *$")
        return int(re.search(r"<(\d+)> *$", screen).group(1)), screen

    def paste(self, text):
        self.tmux("load-buffer", "-", input=text)
        self.tmux("paste-buffer")

    def resize(self, width, height=50):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def cursor_is_shown(self):
        return self.tmux("display-message", "-p", "#{cursor_flag}").strip() == "1"

    def files(self):
        found = []
        for folder, _, names in os.walk(self.home):
            found += [os.path.relpath(os.path.join(folder, name), self.home) for name in names]
        return sorted(name for name in found if not name.startswith(".bash"))

    def read(self, name):
        with open(os.path.join(self.home, name), encoding="utf-8") as file:
            return file.read()


class Wizard:
    """Questions on a terminal."""

    def __init__(self, terminal, arguments=""):
        self.terminal = terminal
        terminal.line(f"stockade init{arguments}")

    def open(self, number, key):
        """Until a question waits for its answer."""
        # Its heading, and behind it the prompt that nobody has answered.
        return self.terminal.wait(rf"(?s)\n{number}\. (?!.*\n\d\. ).*\n(\? )?{key}(:| ›| \[| \()")

    def marked(self):
        """The line that Enter takes."""
        found = re.findall(r"^(?:❯|>) (.*)$", self.terminal.screen(), re.M)
        return found[-1].strip() if found else ""

    def pick(self, *words):
        """Goes down the list to the line that has all words, and takes it."""
        first = self.wait_marked("")
        at = first
        for _ in range(40):
            if all(word in at for word in words):
                self.terminal.key("Enter")
                return
            self.terminal.key("Down")
            at = self.wait_marked(at)
        raise AssertionError(f"no line has {words}:\n{self.terminal.screen()}")

    def wait_marked(self, before):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            at = self.marked()
            if at and at != before:
                return at
            time.sleep(0.02)
        raise AssertionError(f"no other line is marked than {before!r}:\n{self.terminal.screen()}")

    def last(self, *words):
        """The last question, where the profile is shown."""
        self.terminal.wait(r"\n(\? )?and now(:| ›)")
        self.pick(*words)
