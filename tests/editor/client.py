"""A client of a language server over standard input and output, which keeps its texts as an editor does."""

import json
import os
import queue
import subprocess
import threading
from pathlib import Path
from urllib.parse import quote, unquote

PATIENCE = float(os.environ.get("STOCKADE_PATIENCE", "60"))


def uri(path):
    return "file://" + quote(str(path))


def path(uri):
    assert uri.startswith("file:///"), uri
    return Path(unquote(uri.split("#")[0][len("file://"):]))


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]


class Client:
    """One server and the texts that are open in it."""

    def __init__(self, command, folder, encodings=("utf-16",), environment=None, related=True):
        self.folder = Path(folder)
        self.texts = {}
        self.versions = {}
        self.published = {}
        self.answers = {}
        self.asked = 0
        env = {**os.environ, "XDG_CACHE_HOME": str(self.folder / ".cache"), **(environment or {})}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=env)
        self.messages = queue.Queue()
        self.stderr = []
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=lambda: self.stderr.extend(self.process.stderr), daemon=True).start()
        capabilities = {"general": {"positionEncodings": list(encodings)},
                        "textDocument": {"publishDiagnostics": {"relatedInformation": related}}}
        said = self.ask("initialize", {"processId": os.getpid(), "rootUri": uri(folder), "capabilities": capabilities})
        self.capabilities = said["capabilities"]
        self.encoding = self.capabilities["positionEncoding"]
        assert self.encoding in encodings or self.encoding == "utf-16", self.encoding
        self.tell("initialized", {})

    def _read(self):
        stream = self.process.stdout
        while True:
            length = None
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, value = line.decode().split(":")
                if name.lower() == "content-length":
                    length = int(value)
            if length is None:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def start(self, method, params):
        self.asked += 1
        self.send({"id": self.asked, "method": method, "params": params})
        return self.asked

    def ask(self, method, params):
        return self.wait(self.start(method, params))

    def wait(self, request):
        while request not in self.answers:
            self.take()
        answer = self.answers.pop(request)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def take(self):
        message = self.messages.get(timeout=PATIENCE)
        if message is None:
            raise AssertionError(f"the server went away with {self.process.wait()}: {b''.join(self.stderr).decode()}")
        if message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.published.setdefault(params["uri"], []).append(params)
        elif "method" in message and "id" in message:
            self.send({"id": message["id"], "result": None})
        elif "id" in message:
            self.answers[message["id"]] = message

    def open(self, name, text=None):
        """Opens a file of the folder and gives what is found in it."""
        file = self.folder / name
        text = file.read_text() if text is None else text
        where = uri(file)
        self.texts[where], self.versions[where] = text, 1
        self.tell("textDocument/didOpen", {"textDocument": {"uri": where, "languageId": "yaml", "version": 1, "text": text}})
        return where

    def close(self, where):
        self.tell("textDocument/didClose", {"textDocument": {"uri": where}})
        del self.texts[where]

    def findings(self, where):
        """What is found in an open text as it is now."""
        while not any(said.get("version") == self.versions[where] for said in self.published.get(where, [])):
            self.take()
        return self.published[where][-1]["diagnostics"]

    # Texts -----------------------------------------------------------------------------------------------------------

    def units(self, text):
        match self.encoding:
            case "utf-8": return len(text.encode())
            case "utf-16": return len(text.encode("utf-16-le")) // 2
            case _: return len(text)

    def position(self, where, offset):
        before = self.texts[where][:offset]
        line = before.count("\n")
        return {"line": line, "character": self.units(before[before.rfind("\n") + 1:])}

    def offset(self, where, position):
        lines = self.texts[where].split("\n")
        start = sum(len(line) + 1 for line in lines[:position["line"]])
        units = 0
        for at, char in enumerate(lines[position["line"]] if position["line"] < len(lines) else ""):
            if units >= position["character"]:
                return start + at
            units += self.units(char)
        return start + len(lines[position["line"]])

    def at(self, where, needle, inside=0, occurrence=0):
        """The position of the occurrence of a text, so many characters into it."""
        offset = -1
        for _ in range(occurrence + 1):
            offset = self.texts[where].index(needle, offset + 1)
        return self.position(where, offset + inside)

    def marked(self, where, range_):
        return self.texts[where][self.offset(where, range_["start"]):self.offset(where, range_["end"])]

    def edit(self, where, start, end, text):
        """Replaces characters of a text, as one incremental change."""
        range_ = {"start": self.position(where, start), "end": self.position(where, end)}
        old = self.texts[where]
        self.texts[where] = old[:start] + text + old[end:]
        self.versions[where] += 1
        self.tell("textDocument/didChange", {"textDocument": {"uri": where, "version": self.versions[where]},
                                             "contentChanges": [{"range": range_, "text": text}]})

    def replace(self, where, old, new):
        start = self.texts[where].index(old)
        self.edit(where, start, start + len(old), new)
        return self.findings(where)

    def type(self, where, text):
        """Types at the end of a text, key by key."""
        for char in text:
            end = len(self.texts[where])
            self.edit(where, end, end, char)

    def apply(self, edit):
        """Carries out a workspace edit."""
        for where, edits in edit["changes"].items():
            spans = [(self.offset(where, it["range"]["start"]), self.offset(where, it["range"]["end"]), it["newText"]) for it in edits]
            for start, end, text in sorted(spans, reverse=True):
                self.edit(where, start, end, text)

    # Questions -------------------------------------------------------------------------------------------------------

    def about(self, method, where, position, **more):
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": where}, "position": position, **more})

    def hover(self, where, position):
        answer = self.about("hover", where, position)
        return answer and answer["contents"]["value"]

    def actions(self, where, range_, only=None):
        context = {"diagnostics": [], **({"only": only} if only else {})}
        return self.ask("textDocument/codeAction", {"textDocument": {"uri": where}, "range": range_, "context": context})

    def end(self):
        self.ask("shutdown", None)
        self.tell("exit", None)
        return self.process.wait(timeout=PATIENCE)
