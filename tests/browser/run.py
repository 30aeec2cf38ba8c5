#!/usr/bin/python3
"""The page with the compiler in it, in a real browser: /usr/bin/python3 tests/browser/run.py STOCKADE FOLDER

Judges it by the program: the same findings at the same places, the same files, the same reasons. Then as somebody uses it, at the
width of a phone and of a desk, with the keyboard alone; that nothing leaves it; and that an answer comes within 200 ms.
`-k WORD` runs the checks with this in their name; `SHOTS=DIR` keeps pictures.
"""

import functools
import gzip
import http.server
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/behaviour"))
from browser import Browser  # noqa: E402

LIMIT = 3 << 20
ANSWER = 200
PROFILES = ["hyos-waivers", "proxyos-everything", "proactions-hub-edapi", "stellarstack", "several-hosts", "two-systems"]
SOUND = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n"
BROKEN = [
    SOUND + "levle: strict\n",
    SOUND + "level: stric\nsettings: {nothing: 1}\n",
    SOUND.replace("10.8.0.0/24", "10.8.0.1/24") + "waivers:\n  - control: read-only-root\n    reason: x\n",
    SOUND.replace("hyos\ndomain", "hyso\ndomain"),
    SOUND + "proxy: {kind: nginx, tls: {mode: files}}\n",
    "version: 1\nname: [\n",
    "",
]
VIRTUAL = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "ArrowLeft": 37, "End": 35, "Home": 36, " ": 32}


class Page(Browser):
    """The page, and a person at it."""

    def __init__(self, folder):
        super().__init__()
        self.page = folder
        handler = functools.partial(Quiet, directory=folder)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.size(1280)

    def close(self):
        self.server.shutdown()
        super().close()

    def go(self, url=None, fresh=True):
        """Opens the page and waits until the compiler has answered."""
        self.events = []
        self.call("Page.navigate", url=url or f"{self.origin}/index.html")
        self.wait("Page.loadEventFired")
        if fresh and self.value("localStorage.length"):
            self.value("localStorage.clear()")
            return self.go(url, fresh=False)
        self.until("document.documentElement.dataset.ready === 'yes'")

    def until(self, expression, what=None):
        """Waits for something in the page, and fails with what is there."""
        end = time.monotonic() + 20
        while not self.value(f"!!({expression})"):
            if time.monotonic() > end:
                raise AssertionError(f"{what or expression} did not come; {self.value('document.body.innerText')[:2000]}")
            time.sleep(0.02)

    def press(self, key, control=False):
        modifiers = 2 if control else 0
        code = VIRTUAL.get(key) or ord(key.upper())
        text = {"Enter": "\r", " ": " "}.get(key) if not control else None
        common = {"key": key, "code": key if len(key) > 1 else f"Key{key.upper()}", "windowsVirtualKeyCode": code, "modifiers": modifiers}
        if key == "z" and control:
            common["commands"] = ["undo"]
        self.call("Input.dispatchKeyEvent", type="keyDown" if text or control else "rawKeyDown", **common, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **{k: v for k, v in common.items() if k != "commands"})

    def type(self, text):
        for letter in text:
            if letter == "\n":
                self.press("Enter")
            else:
                self.call("Input.dispatchKeyEvent", type="char", text=letter, key=letter)

    def settle(self):
        """Until every change has been answered."""
        self.until("performance.getEntriesByName('answer').length > 0")
        end = time.monotonic() + 20
        while True:
            before = self.value("performance.getEntriesByName('answer').length")
            self.value("new Promise((done) => setTimeout(done, 60))")
            if before == self.value("performance.getEntriesByName('answer').length"):
                return
            assert time.monotonic() < end, "it does not come to rest"

    def write(self, text):
        """Puts a text into the profile, as pasted."""
        self.value(f"""(() => {{ const area = document.getElementById('profile'); area.focus(); area.select();
            performance.clearMeasures(); document.execCommand('insertText', false, {json.dumps(text)}) || document.execCommand('delete'); }})()""")
        self.settle()

    def focus(self):
        return self.value("document.activeElement.id || document.activeElement.className || document.activeElement.textContent")

    def tab(self, wanted, most=80):
        """Goes on with Tab until something has the focus."""
        passed = []
        for _ in range(most):
            if wanted in (here := self.focus()):
                return
            passed.append(here)
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {wanted}: {passed}")

    def answers(self, asks):
        """Answers of a session of its own."""
        return self.value(f"""(async () => {{
            const compiler = new Compiler('2026-11-21');
            await compiler.started;
            const answers = await compiler.ask(...{json.dumps(asks)});
            compiler.end();
            return answers;
        }})()""")

    def quiet(self):
        """Nothing on the console, and no request but for the page's own files."""
        said = [e["params"] for e in self.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Audits.issueAdded")]
        assert not said, said
        asked = {e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"}
        own = {url for url in asked if url.startswith((f"{self.origin}/", f"file://{self.page}/", "blob:", "data:"))}
        assert asked == own, asked - own
        return asked


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def text(path, profile):
    return {"ask": "text", "path": path, "text": profile}


class Checks:
    """Each method is one check."""

    def __init__(self, stockade, folder, page):
        self.stockade, self.folder, self.page = str(Path(stockade).resolve()), folder, page
        self.environment = {**os.environ, "STOCKADE_TODAY": "2026-11-21", "NO_COLOR": "1"}

    def run(self, *arguments, cwd, ok=(0,)):
        done = subprocess.run([self.stockade, *arguments], cwd=cwd, env=self.environment, capture_output=True, text=True)
        assert done.returncode in ok, done.stderr
        return done.stdout

    def samples(self):
        # Profiles, each with the system files beside it.
        for name in PROFILES:
            folder = ROOT / "golden" / name
            yield (folder / "profile.yaml").read_text(), {path.name: path.read_text() for path in folder.glob("*.system.yaml")}

    @staticmethod
    def lay(there, profile, beside):
        for name, words in {**beside, "stockade.yaml": profile}.items():
            Path(there, name).write_text(words)
        return [text(f"/{name}", words) for name, words in {**beside, "stockade.yaml": profile}.items()]

    def size(self):
        """What a reader loads, as a server packs it."""
        packed = sum(len(gzip.compress(path.read_bytes(), 9)) for path in Path(self.folder).iterdir())
        print(f"    {packed / 1e6:.2f} MB packed")
        assert packed < LIMIT, packed

    def from_a_disk(self):
        """It also works where the book is opened from a disk, and asks for nothing else."""
        started = time.monotonic()
        self.page.go(f"file://{self.folder}/index.html")
        print(f"    ready after {time.monotonic() - started:.1f} s")
        self.page.quiet()

    def findings(self):
        """The same findings at the same places as `check`."""
        self.page.go()
        for profile, beside in [*self.samples(), *((profile, {}) for profile in BROKEN)]:
            with tempfile.TemporaryDirectory() as there:
                texts = self.lay(there, profile, beside)
                wanted = json.loads(self.run("check", "--format", "json", cwd=there, ok=(0, 1, 2)))
            found = self.page.answers(texts)[-1]["findings"].get("file:///stockade.yaml", [])
            # What `check` sees of the disk, nobody sees here.
            wanted = [it for it in wanted["diagnostics"] if "which only you can bring" not in it["message"]]

            # What stands in a built-in file is listed at the profile's word for the system.
            def place(it):
                return (it["line"], it["column"]) if it.get("file") == "stockade.yaml" else word

            lines = profile.split("\n")
            word = (next((number for number, line in enumerate(lines, 1) if line.startswith(("system:", "systems:"))), 1), 1)
            wanted = sorted((it["code"], *place(it), it["message"]) for it in wanted)
            got = sorted((it["code"], it["range"]["start"]["line"] + 1, it["range"]["start"]["character"] + 1, it["message"]) for it in found)
            assert [w[:3] for w in wanted] == [g[:3] for g in got], f"{profile}\n{wanted}\n{got}"
            for (*_, said), (*_, shown) in zip(wanted, got):
                assert shown.startswith(said), (said, shown)

    def files(self):
        """The same files as `generate`, but for what is secret; each line is explained as `explain` does."""
        self.page.go()
        for profile, beside in self.samples():
            with tempfile.TemporaryDirectory() as there:
                texts = self.lay(there, profile, beside)
                supplied = self.supplied(there)
                # Of several hosts, the first.
                bundle = next(path.parent for path in sorted(Path(there, "bundle").rglob("compose.yaml")))
                [*_, every, why] = self.page.answers([
                    *texts, {"ask": "all", "bundle": 0},
                    {"ask": "explain", "bundle": 0, "path": "compose.yaml", "line": 40}])
                seen = 0
                for path, file in every["files"].items():
                    if isinstance(file["content"], str):
                        assert (bundle / path).read_text() == file["content"], path
                        seen += 1
                assert seen > 5, every["files"].keys()
                there_are = {str(p.relative_to(bundle)) for p in bundle.rglob("*") if p.is_file()} - {"stockade.lock", "secrets/.digests"} - supplied
                here = {path for path, file in every["files"].items() if file["content"] is not False}
                assert there_are <= here, there_are - here
                said = self.run("explain", "compose.yaml:40", cwd=bundle)
                assert self.plain(said) == self.plain(why), f"{said}\n---\n{why}"

    def supplied(self, there):
        """Generates, with values for what only an operator can bring."""
        found = json.loads(self.run("check", "--format", "json", cwd=there, ok=(0, 1, 2)))["diagnostics"]
        names = {it["message"].split("`")[3] for it in found if "which only you can bring" in it["message"]}
        for name in names:
            secret = Path(there, "bundle/secrets", name)
            secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            secret.write_text("https://k3y.example/4f9a8d7c6b5e4f3a2b1c0d9e8f7a6b5c")
        self.run("generate", cwd=there, ok=(0, 1))
        return {f"secrets/{name}" for name in names}

    @staticmethod
    def plain(words):
        return " ".join(words.split())

    def typing(self):
        """A mistake is typed, found at its place, mended from the keyboard and undone; every answer comes in time."""
        page = self.page
        page.go()
        page.write(SOUND)
        page.value("performance.clearMeasures()")
        for letter in "levle: baseline":
            page.type(letter)
            page.settle()
        page.until("document.querySelector('#findings .error')")
        assert "line 6" in page.value("document.querySelector('#findings .place').textContent")
        assert page.value("document.querySelector('#marks mark.error').textContent") == "levle"
        assert page.value("document.querySelector('#numbers .error').textContent") == "6"
        page.press("Escape")
        page.tab("place")
        page.press("Tab")
        page.press("Enter")
        page.settle()
        assert "level: baseline" in page.value("document.getElementById('profile').value"), page.focus()
        page.press("z", control=True)
        page.settle()
        assert "levle: baseline" in page.value("document.getElementById('profile').value")
        times = sorted(page.value("performance.getEntriesByName('answer').map((entry) => entry.duration)"))
        print(f"    answers after {times[len(times) // 2]:.0f} ms, at most {times[-1]:.0f} ms")
        assert times[len(times) // 2] < ANSWER and len(times) > 8, times
        page.quiet()

    def completion(self):
        """Keys and words are offered as they are typed, and taken with Enter."""
        page = self.page
        page.go()
        page.write(SOUND)
        page.type("lev")
        page.until("!document.getElementById('offers').hidden")
        page.press("Enter")
        page.until("document.getElementById('profile').value.endsWith('level: ')")
        page.until("!document.getElementById('offers').hidden", "words of the level")
        offered = page.value("[...document.querySelectorAll('#offers strong')].map((it) => it.textContent)")
        assert "strict" in offered and "baseline" in offered, offered
        for _ in range(offered.index("strict")):
            page.press("ArrowDown")
        page.press("Enter")
        page.settle()
        assert page.value("document.getElementById('profile').value").endswith("level: strict")
        assert page.value("document.getElementById('offers').hidden")
        page.type("\n")
        page.press(" ", control=True)
        page.until("!document.getElementById('offers').hidden")
        page.press("Escape")
        assert page.value("document.getElementById('offers').hidden")
        page.quiet()

    def difference(self):
        """A changed line shows what it does to each file, and nothing once another line is changed."""
        page = self.page
        page.go()
        page.write(SOUND + "level: strict\n")
        page.write(SOUND + "level: baseline\n")
        page.until("document.querySelector('#file .went')")
        badges = page.value("[...document.querySelectorAll('#files .changed')].map((it) => it.parentElement.dataset.path)")
        assert "compose.yaml" in badges, badges
        whole = page.value("document.querySelectorAll('#file > div').length")
        page.value("document.getElementById('only').click()")
        page.until(f"document.querySelectorAll('#file > div').length < {whole}")
        page.write(SOUND + "level: strict\n")
        page.until("!document.querySelector('#files .changed')")
        page.value("document.getElementById('only').click()")
        # Half a word is no level: the last bundle stays, and says that it is not of this text.
        page.write(SOUND + "level: stri\n")
        page.until("!document.getElementById('stale').hidden")
        page.quiet()

    def mouse(self):
        """A click on a line says why, as `explain` does; the diagram is the report's; the cursor's key is told of."""
        page = self.page
        page.go()
        page.write(SOUND)
        line = page.value("[...document.querySelectorAll('#file [data-line]')].find((row) => row.textContent.includes('read_only: true')).dataset.line")
        page.value(f"document.getElementById('line-{line}').scrollIntoView({{ block: 'center' }})")
        box = page.value(f"(() => {{ const box = document.querySelector('#line-{line} code').getBoundingClientRect(); return [box.x + 20, box.y + 5]; }})()")
        for kind in ("mousePressed", "mouseReleased"):
            page.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
        page.until("document.getElementById('why').textContent.includes('read-only-root')")
        page.value("document.getElementById('profile').focus(); document.getElementById('profile').setSelectionRange(62, 62)")
        page.until("document.querySelector('#about strong')")
        with tempfile.TemporaryDirectory() as there:
            Path(there, "stockade.yaml").write_text(SOUND)
            self.run("report", "--format", "html", "--out", "report.html", cwd=there)
            report = Path(there, "report.html").read_text()
        page.value("document.getElementById('tab-diagram').click()")
        page.until("document.querySelector('#diagram svg .box')")
        shown = page.value("[...document.querySelectorAll('#diagram svg text')].map((it) => it.textContent)")
        start = report.index('role="img"')
        drawn = report[start:report.index("</svg>", start)]
        assert len(shown) > 8 and all(f">{word}<" in drawn for word in shown), shown
        assert page.value("getComputedStyle(document.querySelector('#diagram rect.internal')).strokeWidth") == "1.5px"
        page.quiet()

    def archive(self):
        """What is downloaded is the bundle with its modes, without anything secret."""
        page = self.page
        page.go()
        page.write(SOUND)
        with tempfile.TemporaryDirectory() as there:
            page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=there, eventsEnabled=True)
            page.value("document.getElementById('download').click()")
            packed = self.wait_for(Path(there), ".tar.gz")
            Path(there, "stockade.yaml").write_text(SOUND)
            self.run("generate", cwd=there)
            names = []
            with tarfile.open(packed) as tar:
                assert "stockade.yaml" in {name.split("/", 1)[1] for name in tar.getnames()}
                for member in tar.getmembers():
                    top, _, path = member.name.partition("/")
                    if not path.startswith("preview/"):
                        continue
                    path = path.removeprefix("preview/")
                    made = Path(there, "bundle", path)
                    assert top == "hyos" and member.mode == made.stat().st_mode & 0o7777, (path, oct(member.mode), oct(made.stat().st_mode))
                    if member.isfile():
                        names.append(path)
                        assert tar.extractfile(member).read() == made.read_bytes(), path
            assert len(names) > 5 and not any(name.startswith(("secrets/", "tls/")) for name in names), names
            page.value("document.getElementById('report').click()")
            report = self.wait_for(Path(there), ".html").read_text()
            assert report.startswith("<!DOCTYPE html>") and "Hardening report" in report
        page.quiet()

    @staticmethod
    def wait_for(folder, end):
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if found := [path for path in folder.iterdir() if path.name.endswith(end)]:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"nothing that ends with {end} was downloaded")

    def command(self):
        """What is copied works as it is pasted, and writes over nothing."""
        page = self.page
        page.go()
        page.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"], origin=page.origin)
        for choice in (0, page.value("document.getElementById('begin').options.length") - 1):
            page.value(f"(() => {{ const begin = document.getElementById('begin'); begin.value = {choice}; begin.dispatchEvent(new Event('change')); }})()")
            page.settle()
            page.until("!document.getElementById('copy').disabled")
            page.value("document.getElementById('done').textContent = ''; document.getElementById('copy').click()")
            page.until("document.getElementById('done').textContent.startsWith('Copied')")
            line = page.value("navigator.clipboard.readText()")
            with tempfile.TemporaryDirectory() as there:
                path = f"{Path(self.stockade).parent}:{os.environ['PATH']}"
                run = functools.partial(subprocess.run, ["bash"], input=line, cwd=there, text=True, capture_output=True,
                                        env={**self.environment, "PATH": path})
                done = run()
                assert done.returncode == 0 and Path(there, "bundle/compose.yaml").exists(), f"{line}\n{done.stderr}"
                Path(there, "stockade.yaml").write_text("mine")
                assert run().returncode != 0 and Path(there, "stockade.yaml").read_text() == "mine"

    def kept(self):
        """What was typed is there after the page was opened again, and is replaced only when somebody says so."""
        page = self.page
        page.go()
        page.write(SOUND)
        page.go(fresh=False)
        assert page.value("document.getElementById('profile').value") == SOUND
        choose = "(() => { const begin = document.getElementById('begin'); begin.value = 1; begin.dispatchEvent(new Event('change')); })()"
        page.value(choose)
        page.until("document.getElementById('ask').open")
        page.press("Enter")
        page.until("!document.getElementById('ask').open && document.getElementById('begin').value === '0'")
        assert page.value("document.getElementById('profile').value") == SOUND
        page.value(choose)
        page.until("document.getElementById('ask').open")
        page.press("Tab")
        page.press("Enter")
        page.until(f"document.getElementById('profile').value !== {json.dumps(SOUND)}")
        page.value("localStorage.clear()")
        page.quiet()

    def keyboard(self):
        """Everything is reached and done with the keyboard alone, on a phone's width and on a desk's."""
        page = self.page
        for width in (390, 1280):
            page.size(width)
            page.go()
            page.write(SOUND)
            page.value("document.activeElement.blur()")
            for wanted in ("skip", "begin", "profile", "copy", "download", "report", "tab-files", "files", "only", "file"):
                page.tab(wanted)
                shown = page.value("(() => { const box = document.activeElement.getBoundingClientRect(); return box.width > 0 && box.right > 0; })()")
                assert shown, f"{wanted} is not seen at {width}"
            page.press("Home")
            for _ in range(12):
                page.press("ArrowDown")
            page.press("Enter")
            page.until("document.getElementById('why').textContent.startsWith('compose.yaml:13 ')")
            page.value("document.getElementById('files').focus()")
            page.press("Home")
            first = page.value("document.getElementById('files').children[0].dataset.path")
            page.until(f"document.getElementById('file-title').textContent === {json.dumps(first)}")
            page.value("document.getElementById('tab-files').focus()")
            page.press("ArrowRight")
            page.until("document.querySelector('#diagram svg')")
            page.quiet()
        page.size(1280)

    def layout(self):
        """No sideways scrolling, nothing cut off, and both columns beside each other where there is room."""
        page = self.page
        for width, scheme in ((390, "light"), (390, "dark"), (768, "light"), (1280, "dark"), (1280, "light")):
            page.size(width)
            page.media("", scheme)
            page.go()
            page.write(SOUND + "levle: strict\nlevel: strict\n")
            wide = page.value("document.scrollingElement.scrollWidth")
            assert wide <= width, f"{wide} at {width}"
            beside = page.value("document.getElementById('right').offsetTop === document.getElementById('left').offsetTop")
            assert beside == (width > 1000), width
            small = page.value("""[...document.querySelectorAll('button, select, textarea')].filter((it) => it.checkVisibility())
                .filter((it) => it.getBoundingClientRect().height < 24).map((it) => it.id || it.textContent)""")
            assert not small, small
            # The text lies exactly on its marks.
            [area, marks] = page.value("['profile', 'marks'].map((id) => { const s = getComputedStyle(document.getElementById(id)); return [s.font, s.padding, s.lineHeight, s.whiteSpace, s.tabSize, s.borderWidth]; })")
            assert area == marks, (area, marks)
            if shots := os.environ.get("SHOTS"):
                page.screenshot(f"{shots}/page-{width}-{scheme}.png", whole=True)
                page.value("document.getElementById('tab-diagram').click()")
                page.until("document.querySelector('#diagram svg')")
                page.screenshot(f"{shots}/diagram-{width}-{scheme}.png", whole=True)
        page.size(1280)
        page.media("", "light")

    def policy(self):
        """The policy is alive: no request, no script and no markup that somebody smuggled in would do anything."""
        self.page.go()
        got = self.page.value("""(async () => {
          const got = [];
          const broken = [];
          document.addEventListener('securitypolicyviolation', (event) => broken.push(event.effectiveDirective));
          for (const url of ['https://127.0.0.1:9/', location.href]) try { await fetch(url); got.push(url); } catch {}
          try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.smuggled = 1">'); got.push('markup'); } catch {}
          try { new Worker('worker.js'); got.push('worker'); } catch {}
          const compiler = new Compiler('2026-11-21');
          await compiler.started;
          await new Promise((done) => setTimeout(done));
          return [got, window.smuggled, [...new Set(broken)].sort()];
        })()""")
        wanted = [[], None, ["connect-src", "require-trusted-types-for"]]
        assert got[:2] == wanted[:2] and set(wanted[2]) <= set(got[2]), got
        thread = self.page.value("""new Promise((done) => {
          const text = `fetch('${location.href}').then(() => postMessage('came'), () => postMessage('refused'))`;
          const worker = new Worker(Compiler.policy.createScriptURL(URL.createObjectURL(new Blob([text]))));
          worker.onmessage = ({ data }) => done(data);
        })""")
        assert thread == "refused", thread


def main():
    arguments = sys.argv[1:]
    word = arguments.pop(arguments.index("-k") + 1) if "-k" in arguments else ""
    stockade, folder = [it for it in arguments if it != "-k"]
    folder = str(Path(folder).resolve())
    failed = passed = 0
    with Page(folder) as page:
        checks = Checks(stockade, folder, page)
        for name in [name for name, it in vars(Checks).items() if callable(it) and it.__doc__ and not name.startswith("_") and it.__code__.co_argcount == 1]:
            if word not in name:
                continue
            print(name, flush=True)
            try:
                getattr(checks, name)()
                passed += 1
            except Exception:
                traceback.print_exc(file=sys.stdout)
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
