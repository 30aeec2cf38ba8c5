"""A client of the yaml-language-server over standard streams."""

import json
import subprocess
import threading
import time
from pathlib import Path

SETTINGS = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}, "schemas": {}, "format": {"enable": False}},
    "http": {}, "[yaml]": {}, "editor": {}, "files": {},
}


class Server:
    """One server for one folder."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.number, self.answers, self.found = 0, {}, {}
        self.news = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
                "hover": {"contentFormat": ["markdown"]}, "publishDiagnostics": {},
            },
            "workspace": {"configuration": True, "workspaceFolders": True},
        }
        root = Path(folder).as_uri()
        self.ask("initialize", {"processId": None, "rootUri": root, "capabilities": capabilities,
                                "workspaceFolders": [{"uri": root, "name": "it"}]})
        self.send({"method": "initialized", "params": {}})
        self.send({"method": "workspace/didChangeConfiguration", "params": {"settings": SETTINGS}})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def listen(self):
        stream = self.process.stdout
        while True:
            length = 0
            while (line := stream.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(stream.read(length))
            if "method" in message and "id" in message:
                self.reply(message)
            with self.news:
                if message.get("method") == "textDocument/publishDiagnostics":
                    self.found[message["params"]["uri"]] = message["params"]["diagnostics"]
                elif "method" not in message:
                    self.answers[message["id"]] = message
                self.news.notify_all()

    def reply(self, message):
        result = None
        if message["method"] == "workspace/configuration":
            result = [SETTINGS.get(item.get("section"), {}) for item in message["params"]["items"]]
        self.send({"id": message["id"], "result": result})

    def ask(self, method, params, patience=60):
        self.number += 1
        number = self.number
        self.send({"id": number, "method": method, "params": params})
        with self.news:
            if not self.news.wait_for(lambda: number in self.answers, patience):
                raise TimeoutError(f"no answer to {method}")
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, path, text, patience=60):
        """Shows a file and gives what is wrong in it."""
        uri = Path(path).as_uri()
        # A text of the same version is taken for the same text.
        self.number += 1
        with self.news:
            self.found.pop(uri, None)
        self.send({"method": "textDocument/didOpen",
                   "params": {"textDocument": {"uri": uri, "languageId": "yaml", "version": self.number, "text": text}}})
        with self.news:
            if not self.news.wait_for(lambda: uri in self.found, patience):
                raise TimeoutError(f"nothing is said of {path}")
            return self.found[uri]

    def change(self, path, text):
        """A key was pressed: the file has another version."""
        self.number += 1
        self.send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": Path(path).as_uri(), "version": self.number}, "contentChanges": [{"text": text}]}})

    def close(self, path):
        """Puts a file away; the server then takes back what it said of it."""
        uri = Path(path).as_uri()
        with self.news:
            self.found.pop(uri, None)
        self.send({"method": "textDocument/didClose", "params": {"textDocument": {"uri": uri}}})
        with self.news:
            if not self.news.wait_for(lambda: uri in self.found, 60):
                raise TimeoutError(f"{path} is not let go")

    def at(self, method, path, line, column):
        """Asks about a place; lines and columns count from 0. Gives the answer and how long it took in milliseconds."""
        start = time.perf_counter()
        answer = self.ask(method, {"textDocument": {"uri": Path(path).as_uri()}, "position": {"line": line, "character": column}})
        return answer, (time.perf_counter() - start) * 1000

    def stop(self):
        self.process.kill()
        self.process.wait()
