"""The HTTP side of the stand-ins: a small server that says what it was asked.

Every stand-in answers, besides its own paths, below any prefix:
    …/rig/seen      the request as it arrived: method, path, headers, address of the peer, length of the body
    …/rig/events    server-sent events, one a second, five in all
    …/rig/socket    a WebSocket that echoes text
    …/rig/status/N  status N
    …/rig/slow/N    an answer after N seconds
and prints one JSON line per request, for `docker logs`.
"""

import base64
import hashlib
import http.server
import json
import re
import socketserver
import struct
import sys
import threading
import time


def log(text, **more):
    """One line for `docker logs`."""
    print(json.dumps({"said": text, **more}) if more else text, flush=True)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """One thread a connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512


class Handler(http.server.BaseHTTPRequestHandler):
    """Routes: a dict of (method or None, regular expression of the path) to a function that takes the handler."""

    protocol_version = "HTTP/1.1"
    routes = {}
    quiet = ()

    def log_message(self, *_):
        pass

    def handle_any(self):
        self.pure = self.path.split("?", 1)[0]
        self.body_length = 0
        if self.pure not in self.quiet:
            log("request", method=self.command, path=self.path, peer=self.client_address[0],
                headers=[[name, "…" if name.lower() == "authorization" else value] for name, value in self.headers.items()])
        for (method, pattern), answer in {**self.routes, **COMMON}.items():
            match = re.fullmatch(pattern, self.pure)
            if match and method in (None, self.command):
                return answer(self, *match.groups())
        return self.answer(404, {"error": "not found"})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def body(self, sink=None):
        """The request's body; with a sink only its length, the bytes go there."""
        chunks, whole = self._chunks(), bytearray()
        for chunk in chunks:
            self.body_length += len(chunk)
            (sink.write if sink else whole.extend)(chunk)
        return bytes(whole)

    def _chunks(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            chunk = self.rfile.read(min(left, 1 << 16))
            if not chunk:
                raise ConnectionError("the body ended early")
            left -= len(chunk)
            yield chunk

    def json(self):
        """The body as JSON, or an empty dict."""
        try:
            return json.loads(self.body() or b"{}")
        except ValueError:
            return {}

    def extra_headers(self):
        """Headers the application puts on every answer."""
        return {}

    def answer(self, status, content, headers=None, kind="application/json"):
        """Sends an answer; anything but text and bytes goes as JSON."""
        data = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else \
            json.dumps(content).encode()
        self.send_response_only(status)
        merged = {"Date": self.date_time_string(), "Content-Type": kind, "Content-Length": str(len(data))}
        for name, value in {**merged, **self.extra_headers(), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def seen(handler):
    handler.body(sink=Nowhere())
    handler.answer(200, {
        "method": handler.command, "path": handler.path, "peer": handler.client_address[0],
        "headers": [[name, value] for name, value in handler.headers.items()], "body": handler.body_length})


class Nowhere:
    """Takes bytes and forgets them."""

    def write(self, _):
        pass


def events(handler):
    handler.send_response_only(200)
    handler.send_header("Content-Type", "text/event-stream")
    for name, value in handler.extra_headers().items():
        handler.send_header(name, value)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for number in range(5):
        handler.wfile.write(f"data: {number}\n\n".encode())
        handler.wfile.flush()
        time.sleep(1)
    handler.close_connection = True


def status(handler, number):
    handler.body(sink=Nowhere())
    handler.answer(int(number), {"status": int(number)})


def slow(handler, seconds):
    time.sleep(int(seconds))
    handler.answer(200, {"after": int(seconds)})


def websocket(handler):
    """Accepts a WebSocket and echoes text frames until it is closed."""
    key = handler.headers.get("Sec-WebSocket-Key")
    if handler.headers.get("Upgrade", "").lower() != "websocket" or not key:
        return handler.answer(426, {"error": "upgrade required"}, {"Upgrade": "websocket"})
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    handler.send_response_only(101)
    for name, value in {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.close_connection = True
    while True:
        head = handler.rfile.read(2)
        if len(head) < 2:
            return None
        opcode, length = head[0] & 15, head[1] & 127
        if length == 126:
            length = struct.unpack(">H", handler.rfile.read(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", handler.rfile.read(8))[0]
        mask = handler.rfile.read(4) if head[1] & 128 else bytes(4)
        text = bytes(byte ^ mask[index % 4] for index, byte in enumerate(handler.rfile.read(length)))
        if opcode == 8:
            handler.wfile.write(bytes([0x88, 0]))
            return None
        size = bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack(">H", len(text))
        handler.wfile.write(bytes([0x80 | opcode]) + size + text)
        handler.wfile.flush()


COMMON = {
    (None, r".*/rig/seen"): seen,
    ("GET", r".*/rig/events"): events,
    ("GET", r".*/rig/socket"): websocket,
    (None, r".*/rig/status/(\d+)"): status,
    (None, r".*/rig/slow/(\d+)"): slow,
}


def serve(handler, address, port):
    """Serves in the background; a port that cannot be had ends the process."""
    try:
        server = Server((address, port), handler)
    except OSError as error:
        log(f"cannot listen on {address}:{port}: {error}")
        sys.exit(1)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
