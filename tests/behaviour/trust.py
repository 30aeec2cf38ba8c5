#!/usr/bin/python3
"""Who trusts a bundle's authority, before and after: /usr/bin/python3 tests/behaviour/trust.py STOCKADE

A server with the bundle's certificate is asked by Chromium and curl in network and mount namespaces of their own, so that the lists
of this machine stay as they are: before `certs trust --install`, after it, after `certs renew`, with another authority, after `--remove`.
"""

import functools
import http.server
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading

PROFILE = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.home.arpa\n"
HOST = "play.home.arpa"
BODY = "the stack's own page"
LISTS = ["/etc/ssl", "/usr/local/share/ca-certificates"]
PATIENCE = 60

counts = {True: 0, False: 0}


def check(holds, said):
    counts[bool(holds)] += 1
    if not holds:
        print(f"  FAILED {said}")


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802
        self.send_response(200)
        self.end_headers()
        self.wfile.write(BODY.encode())

    def log_message(self, *_):
        pass


class Serving:
    """The certificate as it lies in the bundle now, on a port of the loopback."""

    def __init__(self, certs):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certs / "server.crt", certs / "server.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def chromium(home, port):
    """What it shows, or the error that it names."""
    with tempfile.TemporaryDirectory(dir=home) as data:
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             f"--user-data-dir={data}", f"--host-resolver-rules=MAP {HOST} 127.0.0.1", "--dump-dom", f"https://{HOST}:{port}/"],
            env={"PATH": os.environ["PATH"], "HOME": str(home)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
        )
    named = re.search(r"ERR_CERT_\w+", done.stdout + done.stderr)
    return BODY if BODY in done.stdout else named[0] if named else f"{done.stdout[:300]}{done.stderr[-300:]}"


def curl(port):
    line = ["curl", "-sS", "--resolve", f"{HOST}:{port}:127.0.0.1", f"https://{HOST}:{port}/"]
    return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)


def asked(home, when, trusted):
    with Serving(home / "bundle/certs") as serving:
        shown, said = chromium(home, serving.port), curl(serving.port)
    wanted = BODY if trusted else "ERR_CERT_AUTHORITY_INVALID"
    check(shown == wanted, f"{when}: Chromium shows {shown}")
    check(said.returncode == (0 if trusted else 60), f"{when}: curl ended with {said.returncode}: {said.stderr}")


def main(program):
    with tempfile.TemporaryDirectory(prefix="stockade-trust-") as folder:
        home = pathlib.Path(folder)
        for place in LISTS:
            copy = home / "lists" / place.strip("/").replace("/", "-")
            copy.parent.mkdir(exist_ok=True)
            shutil.copytree(place, copy, symlinks=True)
            subprocess.run(["mount", "--bind", copy, place], check=True)
        (home / "stockade.yaml").write_text(PROFILE)
        environment = {"PATH": os.environ["PATH"], "HOME": folder}

        def run(line):
            done = subprocess.run([program, *line.split()], cwd=home, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            check(done.returncode == 0, f"stockade {line}: {done.stdout}{done.stderr}")
            return done.stderr

        ask = functools.partial(asked, home)
        run("generate")
        ask("before", False)
        said = run("certs trust --install")
        check("this machine trusts it" in said and "Chromium" in said, f"installing says {said}")
        ask("after", True)
        run("certs renew --all --yes")
        ask("after a renewal", True)
        run("certs renew --new-authority --yes")
        ask("under another authority", False)
        run("certs trust --install")
        ask("after that is trusted, too", True)
        run("certs trust --remove")
        ask("after it was taken back", False)
        check("nothing here" in run("certs trust --remove"), "a second removal finds nothing")
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    if sys.argv[1] != "--inside":
        words = [sys.executable, __file__, "--inside", os.path.abspath(sys.argv[1])]
        os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", *words])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    sys.exit(main(sys.argv[2]))
