"""Stands for the dashboard, `node server.js`: its log-in, API, uploads and pages, and its calls of the Docker engine.

Like the real one it checks on most paths only that a cookie of the right name is there.
"""

import http.client
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, "/stand-in")
import bcrypt
import web

STATE = Path(os.environ.get("HYTALE_STATE_DIR", "/data/.state"))
# The constant in the real source, which anybody can read.
SESSION = os.environ.get("SESSION_SECRET", "complex_password_at_least_32_characters_long")
SCRATCH = Path(os.environ.get("TMPDIR", "/tmp"))


class Dashboard(web.Handler):
    """Headers as Next sends them."""

    quiet = ("/api/health",)

    def extra_headers(self):
        found = {"X-Powered-By": "Next.js", "Server": "next"}
        if not self.pure.startswith("/api"):
            found["Cache-Control"] = "s-maxage=31536000"
        return found


def page(handler, *_):
    if "hyos_session" not in handler.headers.get("Cookie", ""):
        return handler.answer(307, b"", {"Location": "/login"})
    return handler.answer(200, "<!doctype html><title>HyOS</title>", kind="text/html")


def public_page(handler):
    handler.answer(200, "<!doctype html><title>HyOS</title>", kind="text/html")


def users():
    file = STATE / "users.json"
    return json.loads(file.read_text())["users"] if file.exists() else []


def login(handler):
    asked = handler.json()
    if len(SESSION) < 32:
        return handler.answer(500, {"error": "session secret is too short"})
    for user in users():
        fits = user["username"] == asked.get("username")
        if fits and bcrypt.checkpw(str(asked.get("password", "")).encode(), user["passwordHash"].encode()):
            flags = "; Secure" if os.environ.get("COOKIE_SECURE") == "true" else ""
            cookie = f"hyos_session={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Lax{flags}"
            return handler.answer(200, {"ok": True}, {"Set-Cookie": cookie})
    return handler.answer(401, {"error": "wrong name or password"})


def setup(handler):
    handler.body()
    if len(SESSION) < 32:
        return handler.answer(500, {"error": "session secret is too short"})
    if users():
        return handler.answer(403, {"error": "already set up"})
    (STATE / "users.json").write_text(json.dumps({"users": [{"username": "stranger"}]}))
    return handler.answer(200, {"ok": True})


def auth_status(handler):
    if len(SESSION) < 32:
        return handler.answer(500, {"error": "session secret is too short"})
    return handler.answer(200, {"authenticated": False, "setupComplete": bool(users())})


def save_config(handler):
    (STATE / "manager-config.json").write_text(json.dumps({**handler.json(), "updatedAt": time.time()}))
    handler.answer(200, {"ok": True})


def upload(folder):
    def answer(handler):
        scratch = SCRATCH / f"upload-{secrets.token_hex(4)}"
        try:
            with scratch.open("wb") as file:
                handler.body(sink=file)
            Path(folder, "upload.bin").write_bytes(b"")
        except OSError as error:
            web.log(f"upload failed: {error}")
            return handler.answer(500, {"error": str(error)})
        finally:
            scratch.unlink(missing_ok=True)
        return handler.answer(200, {"bytes": handler.body_length})
    return answer


def game_api(handler):
    """Asks the plugin with the client's credential, as the dashboard's own pages do."""
    host, port = os.environ.get("HYTALE_SERVER_HOST", "hyos-server"), int(os.environ.get("HYTALE_SERVER_PORT", "30381"))
    secret = os.environ.get("REST_API_CLIENT_SECRET") or os.environ.get("API_CLIENT_SECRET", "")
    body = json.dumps({"clientId": os.environ.get("API_CLIENT_ID", "hyos-manager"), "secret": secret})
    try:
        call = http.client.HTTPConnection(host, port, timeout=10)
        call.request("POST", "/auth/token", body, {"Content-Type": "application/json"})
        answer = call.getresponse()
        text = json.loads(answer.read() or b"{}")
        if answer.status != 200:
            return handler.answer(502, {"error": f"the API answered {answer.status}"})
        call = http.client.HTTPConnection(host, port, timeout=10)
        call.request("GET", "/status", headers={"Authorization": f"Bearer {text['token']}"})
        return handler.answer(200, json.loads(call.getresponse().read()))
    except OSError as error:
        return handler.answer(502, {"error": str(error)})


class Engine(http.client.HTTPConnection):
    """HTTP over the one path the dashboard knows."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect("/var/run/docker.sock")


def docker(handler, action):
    name = os.environ.get("HYTALE_CONTAINER_NAME", "hyos-server")
    method, path = {"status": ("GET", "json"), "logs": ("GET", "logs?stdout=1&tail=5")}.get(action, ("POST", f"{action}?t=30"))
    try:
        Engine("localhost").request("GET", "/_ping")
        call = Engine("localhost")
        call.request(method, f"/containers/{name}/{path}")
        answer = call.getresponse()
        return handler.answer(200 if answer.status < 400 else 502, {"engine": answer.status})
    except OSError as error:
        return handler.answer(503, {"error": f"Docker is not available: {error}"})


Dashboard.routes = {
    ("GET", "/api/health"): lambda handler: handler.answer(200, {"status": "ok"}),
    ("HEAD", "/api/health"): lambda handler: handler.answer(200, b""),
    ("POST", "/api/auth/login"): login,
    (None, "/api/auth/setup"): setup,
    ("GET", "/api/auth/status"): auth_status,
    ("POST", "/api/config"): save_config,
    ("POST", "/api/mods/upload"): upload("/data/mods"),
    ("POST", "/api/worlds/slots"): upload("/data/slots"),
    ("GET", "/api/worlds/slots"): lambda handler: handler.answer(200, {"slots": sorted(os.listdir("/data/slots"))}),
    ("GET", "/api/server/status"): game_api,
    (None, "/api/docker/(status|logs|start|stop|restart)"): docker,
    ("GET", "/login"): public_page,
    ("GET", "/setup"): public_page,
    ("GET", "/(?:mods|logs|worlds|settings)?"): page,
}


def stop(*_):
    def end():
        time.sleep(1)
        os._exit(0)
    web.log("SIGTERM seen")
    threading.Thread(target=end).start()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    web.log("dashboard", environment=sorted(os.environ), session=len(SESSION), telemetry=os.environ.get("UMAMI_HOST"))
    # What the real one opens at start: state to write, logs to read, its cache.
    (STATE / ".manager").write_text(str(os.getpid()))
    os.listdir("/data/Server/logs")
    Path("/app/.next/cache/ready").write_text("yes")
    web.serve(Dashboard, os.environ.get("HOSTNAME", "0.0.0.0"), int(os.environ.get("PORT", "3000")))
    web.log("Ready")
    while True:
        signal.pause()
