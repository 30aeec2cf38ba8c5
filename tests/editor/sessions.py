#!/usr/bin/env python3
"""Sessions of editing against `stockade lsp`, and hostile ones. Usage: sessions.py SERVER [NAME…]"""

import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from client import Client, Refused, path, uri  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SHORT = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n"
# What is told of a profile that is right but pins no image by digest.
TOLD = {"missing-digest"}


def codes(findings):
    return sorted({it["code"] for it in findings} - TOLD)


def check(folder, name):
    """What `check` says of a file, as a status."""
    return subprocess.run([SERVER, "check", name], cwd=folder, capture_output=True).returncode


def save(client, where):
    path(where).write_text(client.texts[where])
    client.tell("textDocument/didSave", {"textDocument": {"uri": where}})


# Three sessions -------------------------------------------------------------------------------------------------------


def a_profile_is_typed_from_nothing(folder):
    client = Client([SERVER, "lsp"], folder)
    where = client.open("stockade.yaml", "")
    assert codes(client.findings(where)) == ["empty-file"], client.findings(where)

    def offered(**more):
        items = client.about("completion", where, client.position(where, len(client.texts[where])), **more)
        return {it["label"]: it for it in items}

    keys = offered()
    assert {"version", "name", "system", "domain", "admin", "level", "proxy", "waivers"} <= set(keys), keys
    assert "hardened" in keys["level"]["documentation"]["value"]
    client.type(where, "version: 1\nname: hyos\nsystem: ")
    assert {"hyos", "proxyos"} <= set(offered()), offered()
    client.type(where, "hyos\n")
    assert "version" not in offered() and "domain" in offered()
    client.type(where, "domain: play.example.com\nadmin: [10.8.0.0/24]\n")
    assert codes(client.findings(where)) == []

    client.type(where, "level:")
    item = offered()["strict"]
    client.apply({"changes": {where: [item["textEdit"]]}})
    assert client.texts[where].endswith("level: strict")
    client.type(where, "\nsettings:\n  ")
    settings = offered()
    assert "java_xmx" in settings, list(settings)
    assert "default" in settings["java_xmx"]["detail"], settings["java_xmx"]
    client.apply({"changes": {where: [settings["java_xmx"]["textEdit"]]}})
    client.type(where, "3g\n  docker_socket: none\n")
    assert codes(client.findings(where)) == [], client.findings(where)
    client.type(where, "waivers:\n  - control: ")
    item = offered()["read-only-root"]
    assert item["documentation"]["value"], item
    client.apply({"changes": {where: [item["textEdit"]]}})
    client.type(where, "\n    ")
    assert set(offered()) == {"service", "reason", "until"}, offered()
    client.type(where, "service: ")
    assert "hyos-server" in offered()
    client.type(where, "hyos-server\n    reason: a plugin writes beside the server\n    until: 2027-03-31\n")
    assert codes(client.findings(where)) == [], client.findings(where)

    hover = client.hover(where, client.at(where, "read-only-root", 3))
    assert "read-only" in hover and "Guards" in hover, hover
    hover = client.hover(where, client.at(where, "java_xmx", 1))
    assert "Default: `6g`" in hover and "1g to 256g" in hover, hover
    hover = client.hover(where, client.at(where, "docker_socket", 1))
    assert "HYOS-" in hover, hover
    hover = client.hover(where, client.at(where, "level", 1))
    assert "hardened" in hover, hover
    hover = client.hover(where, client.at(where, "strict", 1))
    assert "All there is" in hover, hover
    assert "HyOS" in client.hover(where, client.at(where, "hyos\ndomain", 1)), "system"
    assert client.hover(where, client.at(where, "play.example", 2)), "a value without a word of its own"

    lenses = {it["range"]["start"]["line"]: it["command"]["title"] for it in
              client.ask("textDocument/codeLens", {"textDocument": {"uri": where}})}
    by_line = {client.texts[where].splitlines()[line].strip(): title for line, title in lenses.items()}
    assert "controls enforced" in by_line["system: hyos"], by_line
    assert "admin-allow-list" in by_line["admin: [10.8.0.0/24]"], by_line
    assert "switches off: read-only-root for hyos-server until 2027-03-31" in by_line.values(), by_line
    assert any(title.startswith("decides: HYOS-") for title in by_line.values()), by_line

    outline = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": where}})
    assert [it["name"] for it in outline][:5] == ["version", "name", "system", "domain", "admin"]
    save(client, where)
    assert check(folder, "stockade.yaml") == 0
    assert client.end() == 0


def values_are_broken_and_mended(folder):
    client = Client([SERVER, "lsp"], folder, encodings=("utf-8", "utf-16"))
    assert client.encoding == "utf-8"
    (folder / "stockade.yaml").write_text(SHORT)
    where = client.open("stockade.yaml")
    assert codes(client.findings(where)) == []
    faults = [
        ("domain: play.example.com", "domain: https://play.example.com", "invalid-value", "https://play.example.com"),
        ("system: hyos", "system: hyso", "unknown-system", "hyso"),
        ("admin: [10.8.0.0/24]", "admin: [0.0.0.0/0]", "public-admin-surface", "0.0.0.0/0"),
        ("version: 1", "version: 7", "unknown-value", "7"),
        ("name: hyos", "name: HyÖS", "invalid-value", "HyÖS"),
        ("name: hyos\n", "name: hyos\nnmae: hyos\n", "unknown-key", "nmae"),
        ("name: hyos\n", "name: hyos\nlevel: strikt # ä𝄞\n", "unknown-value", "strikt"),
        ("name: hyos\n", "name: hyos\nproxy: {kind: nginx, tls: {mode: acme}}\n", "proxy-cannot", None),
        ("name: hyos\n", "name: hyos\nwaivers:\n  - {control: hsts, reason: ä, until: 2020-01-01}\n", "expired-waiver", "2020-01-01"),
        ("name: hyos\n", "name: hyos\nsettings:\n  java_xmx: 900000g\n", "invalid-value", "900000g"),
        ("name: hyos\n", "name: hyos\nservices:\n  hyos-server:\n    image: a:latest\n", "unpinned-image", "a:latest"),
    ]
    for old, new, code, marked in faults:
        found = [it for it in client.replace(where, old, new) if it["code"] == code]
        assert found, f"{new!r} gives {codes(client.findings(where))}, not {code}"
        if marked is not None:
            assert client.marked(where, found[0]["range"]) == marked, (new, client.marked(where, found[0]["range"]))
        assert found[0]["severity"] == 1 or code == "unpinned-image", found[0]
        page, _, line = found[0]["codeDescription"]["href"].partition("#L")
        assert path(page).read_text().splitlines()[int(line) - 1] == f"## {code}", found[0]
        assert codes(client.replace(where, new, old)) == [], f"{new!r} was taken back"
    # A place that helps to understand it is told as such.
    found = client.replace(where, "name: hyos\n", "name: hyos\nname: again\n")
    assert any("relatedInformation" in it for it in found if it["code"] == "duplicate-key"), found
    client.replace(where, "name: again\n", "")

    # From a name to where it is said, in a copy that cannot be written.
    target = client.about("definition", where, client.at(where, "system: hyos", 10))
    copy = path(target["uri"])
    assert copy.read_text() == (ROOT / "src/systems/builtin/hyos.yaml").read_text() and copy.stat().st_mode & 0o222 == 0, copy
    client.replace(where, "name: hyos\n", "name: hyos\nsettings: {java_xmx: 3g}\n")
    target = client.about("definition", where, client.at(where, "java_xmx", 1))
    assert copy.read_text().splitlines()[target["range"]["start"]["line"]].strip() == "java_xmx:", target
    # That copy is a system file like any other.
    text = client.open(copy.relative_to(folder))
    assert codes(client.findings(text)) == [], client.findings(text)
    assert client.end() == 0


def an_own_system_is_edited(folder):
    for file in (ROOT / "examples/outline").rglob("*"):
        if file.is_file():
            target = folder / "deep" / file.relative_to(ROOT / "examples/outline")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    system = next((folder / "deep").glob("*.system.yaml"))
    name = f"deep/{system.name}"
    client = Client([SERVER, "lsp"], folder, related=False)
    where = client.open(name)
    profile = uri(folder / "deep/stockade.yaml")
    assert codes(client.findings(where)) == []

    # A name that does not exist is found in the system file, though only the profile was ever compiled.
    text = client.texts[where]
    service = "outline"
    start = text.index("\nservices:")
    at = text.index(f"\n  {service}:", start) + 3
    client.edit(where, at, at + len(service), "outlnie")
    found = client.findings(where)
    assert any(it["severity"] == 1 for it in found), found
    client.edit(where, at, at + len("outlnie"), service)
    assert codes(client.findings(where)) == [], client.findings(where)

    # What the profile sets and the system no longer has is found in the profile, which is not open.
    setting = text.index("\nsettings:")
    key = text.index("\n  ", setting) + 3
    word = text[key:text.index(":", key)]
    (folder / "deep/stockade.yaml").write_text((folder / "deep/stockade.yaml").read_text() + f"settings:\n  {word}: nonsense of a value\n"
                                               if "\nsettings:" not in (folder / "deep/stockade.yaml").read_text() else
                                               (folder / "deep/stockade.yaml").read_text())
    client.tell("workspace/didChangeWatchedFiles", {"changes": [{"uri": profile, "type": 2}]})
    client.edit(where, key, key + len(word), word + "x")
    client.findings(where)
    assert client.published.get(profile), client.published.keys()
    assert client.published[profile][-1]["diagnostics"], "the profile that is not open"
    client.edit(where, key, key + len(word) + 1, word)
    client.findings(where)

    # Inside the system file: hover on its keys and controls, definition of its names.
    hover = client.hover(where, client.at(where, "services:", 1))
    assert "Containers" in hover, hover
    used = client.texts[where].index("settings.")
    target = client.about("definition", where, client.position(where, used + len("settings.") + 1))
    assert target["uri"] == where, target
    open_profile = client.open("deep/stockade.yaml")
    client.findings(open_profile)
    target = client.about("definition", open_profile, client.at(open_profile, "system:", 10))
    assert path(target["uri"]) == system, target
    assert client.end() == 0


def quick_fixes_give_a_clean_check(folder):
    (folder / "stockade.yaml").write_text(SHORT + "levle: strict\nproxy:\n  knid: nginx\n  tls: {mode: self-sgned}\n")
    client = Client([SERVER, "lsp"], folder)
    where = client.open("stockade.yaml")
    assert codes(client.findings(where)) != []
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    for finding in client.findings(where):
        if finding["severity"] > 1:
            continue
        fixes = [it for it in client.actions(where, finding["range"]) if it["kind"] == "quickfix"]
        assert fixes, f"nothing is offered for {finding}"
        assert all(it["edit"]["changes"] and it["diagnostics"] for it in fixes), fixes
    errors = [it["code"] for it in client.findings(where) if it["severity"] == 1]
    assert errors == ["unknown-key", "unknown-key", "unknown-value"], client.findings(where)
    all_at_once = client.actions(where, whole, only=["source.fixAll"])
    for action in all_at_once:
        assert action["kind"] == "source.fixAll.stockade"
        client.apply(action["edit"])
    for _ in range(5):
        left = [it for it in client.findings(where) if it["severity"] == 1]
        if not left:
            break
        action = next(it for it in client.actions(where, left[0]["range"], only=["quickfix"]))
        client.apply(action["edit"])
    left = [it for it in client.findings(where) if it["severity"] == 1]
    assert not left, (client.texts[where], left)
    save(client, where)
    assert check(folder, "stockade.yaml") == 0
    assert client.end() == 0


# The protocol ---------------------------------------------------------------------------------------------------------


def the_protocol_is_kept(folder):
    client = Client([SERVER, "lsp"], folder, encodings=())
    assert client.encoding == "utf-16"
    for method, params, code in [("textDocument/nonsense", {}, -32601), ("textDocument/hover", {}, -32602),
                                 ("textDocument/hover", None, -32602), ("initialize", {}, -32600)]:
        try:
            client.ask(method, params)
            raise AssertionError(f"{method} was answered")
        except Refused as refused:
            assert refused.code == code, (method, refused.code)
    client.tell("$/nonsense", {})
    client.tell("textDocument/didChange", {"textDocument": {"uri": "file:///nowhere", "version": 3}, "contentChanges": [{"text": "a"}]})
    client.tell("textDocument/didOpen", {"wrong": 1})
    # Texts that are none of ours are left alone, and so are those that are no file.
    for where in ["untitled:1", uri(folder / "compose.yaml"), "nonsense"]:
        client.tell("textDocument/didOpen", {"textDocument": {"uri": where, "languageId": "yaml", "version": 1, "text": "a: ["}})
        assert client.about("hover", where, {"line": 0, "character": 0}) is None
    assert client.hover("file:///nowhere", {"line": 0, "character": 0}) is None
    assert not client.published, client.published
    # What is cancelled before it is begun is not answered but refused.
    where = client.open("stockade.yaml", SHORT)
    client.findings(where)
    bodies = []
    for _ in range(30):
        client.edit(where, 0, 0, "# x\n")
        request = client.start("textDocument/codeLens", {"textDocument": {"uri": where}})
        client.tell("$/cancelRequest", {"id": request})
        bodies.append(request)
    refused = 0
    for request in bodies:
        try:
            client.wait(request)
        except Refused as error:
            assert error.code == -32800, error.code
            refused += 1
    assert refused, "nothing was cancelled"
    # Closing takes the findings back.
    client.replace(where, "name: hyos", "nmae: hyos")
    client.close(where)
    while client.published[where][-1]["diagnostics"]:
        client.take()
    assert client.ask("shutdown", None) is None
    try:
        client.ask("textDocument/hover", {"textDocument": {"uri": where}, "position": {"line": 0, "character": 0}})
        raise AssertionError("answered after shutdown")
    except Refused as error:
        assert error.code == -32600
    client.tell("exit", None)
    assert client.process.wait(timeout=20) == 0
    # Exit without shutdown, and a client that goes away, end it with 1.
    for leave in ["exit", "close", "nonsense"]:
        client = Client([SERVER, "lsp"], folder)
        if leave == "exit":
            client.tell("exit", None)
        elif leave == "nonsense":
            client.process.stdin.write(b"Content-Length: x\r\n\r\n")
            client.process.stdin.flush()
        if leave == "close":
            client.process.stdin.close()
        assert client.process.wait(timeout=20) == 1, leave


def random_edits_never_break_it(folder, edits=2000, seed=None):
    seed = seed if seed is not None else 20261130
    chance = random.Random(seed)
    pieces = ["\n", " ", "  ", ":", "- ", "#", "'", '"', "{", "}", "[", "]", "&a ", "*a", "<<: ", "|", ">", "!!str ", "𝄞", "ä", "\t", "\r\n", "\r",
              "\ufeff", "\u2028", "---\n", "waivers:\n  - ", "services:\n  hyos-server:\n    image: ", "settings: {", "proxy:\n  tls:\n    mode: ",
              "1e999", "0x", "~", "systems:\n  a: {system: hyos}\n", "level: strict\n", "{{", "}}", "\x00", "%", "?"]
    client = Client([SERVER, "lsp"], folder, encodings=chance.choice([("utf-8",), ("utf-16",), ("utf-32",)]))
    (folder / "own.system.yaml").write_text((ROOT / "src/systems/starter.yaml").read_text())
    texts = {"stockade.yaml": SHORT, "b.stockade.yaml": SHORT.replace("system: hyos", "system: ./own.system.yaml"),
             "own.system.yaml": (folder / "own.system.yaml").read_text()}
    open_ = [client.open(name, text) for name, text in texts.items()]
    methods = ["hover", "definition", "completion"]
    for number in range(edits):
        where = chance.choice(open_)
        text = client.texts[where]
        start = chance.randint(0, len(text))
        # A place between the two halves of a line end is none that a client can name.
        start -= text[start - 1:start + 1] == "\r\n"
        end = min(len(text), start + (chance.randint(0, 12) if chance.random() < 0.5 else 0))
        end -= text[end - 1:end + 1] == "\r\n" and end > start
        text = "".join(chance.choice(pieces) for _ in range(chance.randint(0, 3)))
        if len(client.texts[where]) > 30000 or chance.random() < 0.01:
            start, end, text = 0, len(client.texts[where]), texts[path(where).name]
        edit(client, where, start, end, text)
        if chance.random() < 0.3:
            at = client.position(where, chance.randint(0, len(client.texts[where])))
            client.about(chance.choice(methods), where, at)
        if chance.random() < 0.1:
            client.ask(f"textDocument/{chance.choice(['codeLens', 'documentSymbol'])}", {"textDocument": {"uri": where}})
        if chance.random() < 0.1:
            at = client.position(where, chance.randint(0, len(client.texts[where])))
            client.actions(where, {"start": at, "end": at})
        if number % 50 == 0:
            client.findings(where)
    # Its texts are the client's: mended as a whole in the client's own coordinates, they are clean again.
    for where in open_:
        said = client.ask("stockade/viewFileText", {"textDocument": {"uri": where}})
        assert said == client.texts[where], f"seed {seed}: {said!r} is not {client.texts[where]!r}"
        edit(client, where, 0, len(client.texts[where]), texts[path(where).name])
    assert codes(client.findings(open_[0])) == [], f"seed {seed}: {client.findings(open_[0])}"
    assert client.end() == 0


def edit(client, where, start, end, text):
    """An edit in lines as the protocol counts them, which `\\r` alone ends too."""
    def position(offset):
        before = client.texts[where][:offset]
        lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return {"line": len(lines) - 1, "character": client.units(lines[-1])}

    range_ = {"start": position(start), "end": position(end)}
    old = client.texts[where]
    client.texts[where] = old[:start] + text + old[end:]
    client.versions[where] += 1
    client.tell("textDocument/didChange", {"textDocument": {"uri": where, "version": client.versions[where]},
                                           "contentChanges": [{"range": range_, "text": text}]})


def findings_come_in_time(folder):
    """Beside `check`, which starts anew each time; the limit is the one that docs/editor.md promises."""
    client = Client([SERVER, "lsp"], folder)
    text = (ROOT / "golden/hyos-everything/profile.yaml").read_text()
    where = client.open("stockade.yaml", text)
    client.findings(where)
    took = []
    for number in range(20):
        begin = time.monotonic()
        client.replace(where, "name: ", f"# {number}\nname: ")
        took.append(time.monotonic() - begin)
    took.sort()
    (folder / "stockade.yaml").write_text(text)
    begin = time.monotonic()
    for _ in range(5):
        check(folder, "stockade.yaml")
    alone = (time.monotonic() - begin) / 5
    print(f"  findings after {took[10] * 1000:.0f} ms (worst {took[-1] * 1000:.0f}); check takes {alone * 1000:.0f} ms")
    assert took[10] < max(0.1, 2 * alone), took
    assert client.end() == 0


SESSIONS = [quick_fixes_give_a_clean_check, a_profile_is_typed_from_nothing, values_are_broken_and_mended, an_own_system_is_edited, the_protocol_is_kept, random_edits_never_break_it, findings_come_in_time]


def main():
    failed = []
    wanted = [it for it in SESSIONS if not NAMES or any(name in it.__name__ for name in NAMES)]
    for session in wanted:
        with tempfile.TemporaryDirectory() as folder:
            try:
                session(Path(folder).resolve())
                print(f"ok      {session.__name__}", flush=True)
            except Exception:
                failed.append(session.__name__)
                print(f"FAILED  {session.__name__}\n{traceback.format_exc()}", flush=True)
    print(f"{len(wanted) - len(failed)} passed, {len(failed)} failed")
    return bool(failed) or not wanted


if __name__ == "__main__":
    SERVER, *NAMES = str(Path(sys.argv[1]).resolve()), *sys.argv[2:]
    sys.exit(main())
