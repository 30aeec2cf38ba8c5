#!/usr/bin/python3
"""Stands in for the applications behind the proxy, in the rig's images: repeats what it was asked as JSON, sends headers
that must not get through, streams and upgrades. Every request is one JSON line of /tmp/stub.jsonl."""

import json
import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOG = "/tmp/stub.jsonl"
# Of the dashboard's image; the game server listens for its API and for players.
PORT = os.environ.get("PORT")
API_PORT, GAME_PORT = 30381, 5520
# What the real ones send, and what they would do if they sent security headers of their own.
HEADERS = {
    "X-Powered-By": "Next.js",
    "X-Runtime": "0.1",
    "X-Generator": "Next.js",
    "Via": "1.1 stub",
    "Cache-Control": "s-maxage=31536000",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "none",
    "Referrer-Policy": "unsafe-url",
    "Content-Security-Policy": "default-src *",
    "Strict-Transport-Security": "max-age=1",
    "Permissions-Policy": "camera=*",
    "Set-Cookie": "session=abc; Path=/; HttpOnly",
}
released = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "StubApp/9.8.7", ""

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except (ConnectionError, ValueError):
            self.close_connection = True

    def body(self):
        """Length of the body; `None` where it broke off."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.consume(int(self.headers.get("Content-Length") or 0))
        total = 0
        while True:
            size = int(self.rfile.readline().split(b";")[0] or b"x", 16)
            if self.consume(size) is None or not self.rfile.readline():
                return None
            if not size:
                return total
            total += size

    def consume(self, left):
        size = left
        while left:
            piece = self.rfile.read(min(left, 1 << 16))
            if not piece:
                return None
            left -= len(piece)
        return size

    def answer(self):
        try:
            size = self.body()
        except ValueError:
            size = None
        seen = {"port": self.server.server_port, "method": self.command, "path": self.path, "body": size,
                "headers": [[key.lower(), value] for key, value in self.headers.items()]}
        if self.client_address[0].startswith("127."):
            return self.plain("", b"healthy")  # the image's own health check
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps(seen) + "\n")
        if size is None:
            self.close_connection = True
            return
        path = self.path.split("?")[0]
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.upgrade()
        elif path.endswith("/events"):
            self.events()
        else:
            if path.endswith("/release"):
                released.set()
            self.plain(path, json.dumps(seen).encode())

    def plain(self, path, body):
        status = int(path.rsplit("/", 1)[1]) if "/status/" in path else 200
        self.send_response(status)
        for key, value in HEADERS.items():
            self.send_header(key, value)
        if status in (301, 302, 307, 308):
            self.send_header("Location", "/login")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def events(self):
        """One event, then silence until somebody asks for `…/release`, then the second."""
        released.clear()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(b"data: first\n\n")
        self.wfile.flush()
        released.wait(20)
        self.wfile.write(b"data: second\n\n")

    def upgrade(self):
        """The handshake's answer and a frame, then every byte back as it comes."""
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.end_headers()
        self.wfile.write(b"\x81\x05hello")
        self.wfile.flush()
        self.close_connection = True
        while piece := self.rfile.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    open(LOG, "w", encoding="utf-8").close()
    if not PORT:
        game = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        game.bind(("", GAME_PORT))
    Server(("", int(PORT or API_PORT)), Handler).serve_forever()
