"""Stands in for what lies behind the proxy: answers with what it was asked, and like an application that is careless."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = {name.lower(): value for name, value in self.headers.items()}
        text = json.dumps({"path": self.path, "headers": seen, "body": len(body), "port": self.server.server_port})
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("X-Powered-By", "Next.js")
        self.send_header("Strict-Transport-Security", "max-age=0")
        self.end_headers()
        self.wfile.write(text.encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
