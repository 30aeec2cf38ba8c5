#!/usr/bin/env python3
"""A session in Neovim and one in Helix, set up as docs/editor.md says. Usage: editors.py SERVER. Needs root and tests/editor/setup."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EDITORS = ROOT / ".tools/editors"
SERVER = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/stockade").resolve()
sys.path.insert(0, str(ROOT / "tests/terminal"))
from terminal import Terminal  # noqa: E402

WRONG = ("version: 1\nnmae: hyos # a slip\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\nlevel: strict\n")
RIGHT = WRONG.replace("nmae", "name")


def setup_of(language):
    """The block of the documentation that sets an editor up."""
    return re.search(rf"```{language}\n(.*?)```", (ROOT / "docs/editor.md").read_text(), re.S)[1]


class Folder:
    """A folder of its own inside the editors' root, with the program on the path there."""

    def __enter__(self):
        for needed in re.findall(r"=> (/\S+)", subprocess.run(["ldd", SERVER], capture_output=True, text=True).stdout):
            there = list(EDITORS.glob(f"usr/lib/*/{Path(needed).name}"))
            assert there, f"{needed} is not in the editors' root"
        self.path = Path(tempfile.mkdtemp(dir=EDITORS / "work"))
        (self.path / "stockade.yaml").write_text(WRONG)
        (self.path / "bin").mkdir()
        shutil.copy2(SERVER, self.path / "bin/stockade")
        self.inside = f"/work/{self.path.name}"
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def config(self, name, text):
        file = self.path / ".config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def is_mended(self):
        text = (self.path / "stockade.yaml").read_text()
        assert text == RIGHT, text


def neovim():
    with Folder() as folder:
        folder.config("nvim/init.lua", setup_of("lua"))
        shutil.copy2(ROOT / "tests/editor/neovim.lua", folder.path / "session.lua")
        done = subprocess.run(outside(folder, "/usr/bin/nvim", "--headless", "stockade.yaml", "-S", "session.lua"),
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        folder.is_mended()


def outside(folder, *words):
    """The command in the root, where it sees processes of its own alone; what it mounts goes with it."""
    environment = [f"HOME={folder.inside}", f"PATH={folder.inside}/bin:/usr/bin:/bin", "TERM=screen-256color", "LANG=C.UTF-8",
                   "STOCKADE_TODAY=2026-11-30"]
    enter = (f"import os, subprocess, sys; subprocess.run(['/bin/mount', '-t', 'proc', 'proc', '{EDITORS}/proc'], check=True); "
             f"os.chroot('{EDITORS}'); os.chdir('{folder.inside}'); os.execv(sys.argv[1], sys.argv[1:])")
    own = ["/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return ["/usr/bin/env", "-i", *environment, *own, sys.executable, "-c", enter, *words]


def helix():
    with Folder() as folder, Terminal(str(SERVER), width=120, height=40) as terminal:
        folder.config("helix/languages.toml", setup_of("toml"))
        script = folder.path / "start"
        script.write_text("exec " + " ".join(map(shell_word, outside(folder, "/usr/bin/hx", "stockade.yaml"))) + "\n")
        terminal.line(f"bash {script}")
        # What is wrong stands beside the line of the cursor, or counts in the status line.
        terminal.wait(r"nmae: hyos")
        terminal.text("ggj")
        terminal.wait(r"unknown key")
        terminal.text(" a")
        terminal.wait(r"Write `name` for `nmae`")
        terminal.key("Enter")
        terminal.wait(r"name: hyos # a slip", gone=r"unknown key")
        terminal.text(":wq")
        terminal.key("Enter")
        terminal.wait(r"<0> *$")
        folder.is_mended()


def shell_word(word):
    return "'" + word.replace("'", "'\\''") + "'"


def main():
    failed = 0
    for session in (neovim, helix):
        try:
            session()
            print(f"ok {session.__name__}", flush=True)
        except Exception as failure:  # noqa: BLE001
            failed += 1
            print(f"FAILED {session.__name__}\n{failure}", flush=True)
    print(f"{2 - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
