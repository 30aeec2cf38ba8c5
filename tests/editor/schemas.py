"""Judges the schemas with the real yaml-language-server: every shipped profile, one broken value for each kind of rule, completion
after each kind of key, hover. `schemas.py PROGRAM`."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from server import Server

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.argv[1]).resolve()
LANGUAGE_SERVER = ROOT / ".tools/bin/yaml-language-server"
TODAY = "2026-11-21"
# Milliseconds in which 95 of 100 completions come; what a busy machine adds is not the schema's.
WANTED, BEARABLE = 50, 250


def lay_out(folder):
    """Puts every shipped profile into a folder of its own, and the schemas beside them."""
    cases = {}
    for profile in sorted([*ROOT.glob("golden/*/profile.yaml"), *ROOT.glob("examples/*/stockade.yaml")]):
        kind = profile.parent.parent.name
        name = profile.parent.name if kind == "golden" else f"example-{profile.parent.name}"
        case = folder / name
        case.mkdir()
        shutil.copy(profile, case / "stockade.yaml")
        for system in profile.parent.glob("*.system.yaml"):
            shutil.copy(system, case)
        cases[name] = case / "stockade.yaml"
    subprocess.run([PROGRAM, "schema", "--write"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return cases


def added(text, case):
    """The text with what a case puts into it, and where that begins; a key that is there already gives way."""
    if "from" in case:
        assert case["from"] in text, case
        start = text.index(case["from"])
        return text.replace(case["from"], case["put"], 1), start
    key = case["put"].split(":")[0] + ":"
    kept, dropping = [], False
    for line in text.splitlines(keepends=True):
        dropping = line.startswith(key) or (dropping and line.startswith((" ", "-", "\n")))
        if not dropping:
            kept.append(line)
    text = "".join(kept)
    text += "" if text.endswith("\n") else "\n"
    return text + case["put"], len(text)


def place(text, offset):
    before = text[:offset]
    return before.count("\n"), offset - (before.rfind("\n") + 1)


def checked(path, text):
    """Lines that `stockade check` marks, from 0."""
    before = path.read_text()
    path.write_text(text)
    run = subprocess.run([PROGRAM, "check", "--format", "json", path], capture_output=True, text=True,
                         env={"STOCKADE_TODAY": TODAY, "PATH": "/usr/bin:/bin"})
    path.write_text(before)
    lines = []

    def walk(value):
        if isinstance(value, dict):
            if isinstance(value.get("line"), int):
                lines.append(value["line"] - 1)
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(json.loads(run.stdout))
    return run.returncode, lines


def labels(answer):
    items = answer["items"] if isinstance(answer, dict) else answer or []
    return [item["label"] for item in items]


def main():
    good, wrong, times = 0, [], []

    def judge(ok, what):
        nonlocal good
        if ok:
            good += 1
        else:
            wrong.append(what)

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        cases = lay_out(folder)
        server = Server(LANGUAGE_SERVER, folder)
        for name, path in cases.items():
            for file in [path, *path.parent.glob("*.system.yaml")]:
                found = server.open(file, file.read_text())
                judge(not found, f"{name}/{file.name}: {[(it['range']['start'], it['message']) for it in found]}")
                server.close(file)
        data = yaml.load((ROOT / "tests/editor/cases.yaml").read_text(), yaml.BaseLoader)
        for case in data["broken"]:
            path = cases[case["case"]]
            text, start = added(path.read_text(), case)
            found = server.open(path, text)
            line, _ = place(text, text.index(case["at"], start))
            told = [it for it in found if case["says"].lower() in it["message"].lower() and it["range"]["start"]["line"] == line]
            judge(told, f"{case}: {[(it['range']['start'], it['message']) for it in found]}")
            status, lines = checked(path, text)
            judge(status == 2 or status == 1, f"{case}: check ends with {status}")
            judge(line in lines, f"{case}: check marks {lines}, not {line}")
            server.close(path)
        for case in data["completion"]:
            path = cases[case["case"]]
            text, _ = added(path.read_text(), case)
            server.open(path, text)
            for _ in range(6):
                server.change(path, text)
                answer, took = server.at("textDocument/completion", path, *place(text, len(text)))
                times.append(took)
            missing = [word for word in case["has"] if word not in labels(answer)]
            judge(not missing, f"{case}: {missing} missing in {labels(answer)}")
            judge("null" not in labels(answer), f"{case}: proposes null")
            server.close(path)
        for case in data["hover"]:
            path = cases[case["case"]]
            text, start = added(path.read_text(), case)
            server.open(path, text)
            answer, _ = server.at("textDocument/hover", path, *place(text, text.index(case["word"], start) + 1))
            shown = ((answer or {}).get("contents") or {}).get("value", "")
            judge(case["says"] in shown, f"{case}: {shown!r}")
            server.close(path)
        server.stop()
    times.sort()
    late = times[int(len(times) * 0.95)]
    print(f"completion: half within {times[len(times) // 2]:.0f} ms, 95 of 100 within {late:.0f} ms (wanted {WANTED})")
    judge(late < BEARABLE, f"completion takes {late:.0f} ms")
    for what in wrong:
        print("wrong:", what)
    print(f"{good} passed, {len(wrong)} failed")
    return 1 if wrong else 0


sys.exit(main())
