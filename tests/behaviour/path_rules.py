"""Asks a generated reverse proxy, from the outside, what its paths do. Runs in a network namespace of its own.

    path_rules.py KIND ROLE PORT

The proxy listens on 8443; what it proxies is played here: name server, panel, API and daemon. PORT is the one in the
panel's URL. Everything that is not as documented is printed, and then the exit status is 1.
"""

import http.client
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

KIND, ROLE, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
HOSTS = {"media": "media.example.com", "answers": "answers.example.com", "edge": "edge.example.com"}
SEALED = ROLE.startswith("sealed")
HOST = "swing.example.com" if SEALED else HOSTS.get(ROLE, "panel.example.com")
URL = f"https://{HOST}" + ("" if PORT == 443 else f":{PORT}")
ADMIN, NODE, PANEL = "192.168.1.5" if ROLE == "media" else "10.8.0.5", "203.0.113.9", "203.0.113.5"
SERVER = "b6c0ff00-1111-4222-8333-444455556666"
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
wrong = []
OF_APPLICATION = {"X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "unsafe-url", "X-Version": "3", "X-Runtime": "0.1"}


def names():
    """Every name is 127.0.0.1."""
    answers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    answers.bind(("127.0.0.11", 53))
    threading.Thread(target=answer_names, args=(answers,), daemon=True).start()


def answer_names(answers):
    while True:
        query, client = answers.recvfrom(512)
        end = query.index(0, 12) + 5
        is_a = query[end - 4:end - 2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH4B", 60, 4, 127, 0, 0, 1) if is_a else b""
        answers.sendto(query[:2] + b"\x81\x80\0\1" + struct.pack(">H", is_a) + b"\0\0\0\0" + query[12:end] + answer, client)


def application(who, address, context=None):
    """Answers with what it was asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            if self.headers.get("Upgrade", "").lower() == "websocket":
                self.send_response(101)
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                self.send_header("X-Path", self.path)
                self.end_headers()
                self.close_connection = True
                return
            said = {"who": who, "method": self.command, "path": self.path, "length": length,
                    "headers": {name.lower(): value for name, value in self.headers.items()}}
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src *")
            self.send_header("X-Powered-By", who)
            self.send_header("Access-Control-Allow-Origin", "*")
            if ROLE == "edge":
                for name, value in OF_APPLICATION.items():
                    self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                pass  # the proxy has refused the request meanwhile

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer
        do_PROPFIND = do_TRACE = do_FOOBAR = do_get = answer

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(address, Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {name.lower(): value for name, value in headers}, body
        try:
            self.said = json.loads(body)
        except ValueError:
            self.said = {}


# One for all requests: to read the system's authorities anew for each takes longer than to ask.
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE


def ask(method, path, source="198.51.100.7", host=HOST, body=None, **headers):
    raw = socket.create_connection(("192.0.2.1", 8443), timeout=20, source_address=(source, 0))
    with UNVERIFIED.wrap_socket(raw, server_hostname=host) as line:
        connection = http.client.HTTPConnection(host)
        connection.sock = line
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        keep = ("X_Client_IP",)
        sent = {"Host": host if PORT == 443 else f"{host}:{PORT}"}
        sent |= {k if k in keep else k.replace("_", "-"): v for k, v in headers.items()}
        if body is not None or method in ("POST", "PUT", "PATCH"):
            sent["Content-Length"] = str(len(body or b""))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            if body:
                line.sendall(body)
        except OSError:
            pass  # it was refused before its end
        answer = connection.getresponse()
        text = b"" if answer.status == 101 else answer.read()
        return Answer(answer.status, answer.getheaders(), text)


fresh_number = 0


def fresh():
    """An address that has not asked before, so that no rate limit has counted it."""
    global fresh_number
    fresh_number += 1
    return f"198.51.{100 + fresh_number // 250}.{fresh_number % 250 + 2}"


def want(what, got, expected):
    if got != expected:
        wrong.append(f"{what}: {got!r}, not {expected!r}")


def status(method, path, expected, who=None, source=None, **headers):
    answer = ask(method, path, source=source or fresh(), **headers)
    want(f"{method} {path} {headers or ''} from {source or 'outside'}", answer.status, expected)
    if who:
        want(f"{method} {path} reaches", answer.said.get("who"), who)
    return answer


def log_in_paths():
    own = {"Origin": URL}
    for path in ("/auth/sign-in/email", "/auth/sign-out", "/auth/change-password"):
        status("POST", path, 200, "api", **own)
        status("POST", path, 403)
        status("POST", path, 403, Origin="https://other.invalid")
        status("POST", path, 403, Origin=URL + ".other.invalid")
        status("GET", path, 405)
    status("GET", "/auth/get-session", 200, "api")
    status("POST", "/auth/get-session", 405, **own)
    # What makes an administrator of everybody, in every spelling.
    for path in ("/auth/update-user", "/AUTH/update-user", "/auth//update-user", "/auth/%75pdate-user", "/auth",
                 "/auth/sign-in/email/../../update-user", "/auth/update-user/", "/auth/admin/set-role",
                 "/auth/link-social", "/auth/sign-in/social", "/auth/sign-in/emailx", "/auth/sign-in/email/x",
                 "/auth/two-factor/enable", "//auth/update-user", "/./auth/update-user", "/x/../auth/update-user",
                 # Parameters of a segment (RFC 3986, 3.3), which some applications cut off before they look.
                 "/auth/update-user;x", "/auth;x/update-user", "/auth;x", "/auth;/update-user;a=b", "/x/..;/auth/update-user",
                 "/;/auth/update-user", "/.;x/auth/update-user", "/auth/sign-in/email/..;/..;/update-user",
                 "/auth/sign-in/email;x", "/auth/sign-in/email;/../../update-user", "/auth%3bx/update-user"):
        answer = ask("POST", path, source=fresh(), **own)
        if answer.status not in (400, 404, 405) or answer.said.get("who"):
            wrong.append(f"POST {path}: {answer.status}, reaches {answer.said.get('who')}")
    status("POST", "/auth/sign-up/email", 403, **own)
    status("POST", "/auth/sign-up/email", 200, "api", source=ADMIN, **own)
    status("POST", "/auth/sign-up/email", 403, source=ADMIN)


def api_paths():
    own = {"Origin": URL}
    status("GET", "/api/servers", 200, "api")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        status(method, "/api/servers", 200, "api", **own)
        status(method, "/api/servers", 403)
        status(method, "/api/servers", 403, Origin="https://other.invalid", Content_Type="text/plain")
        status(method, "/api;x/servers", 403)
    status("OPTIONS", "/api/servers", 405)
    status("GET", "/api/admin/users", 403)
    for spelling in ("/API/admin/users", "/api/admin;x/users", "/api;x/admin/users;y", "/api/admin;"):
        status("GET", spelling, 403)
    status("GET", "/api/admin/users", 200, "api", source=ADMIN)
    status("POST", "/api/admin/users", 403, source=ADMIN)
    for path in ("/api/remote/heartbeat", "/api/nodes/pair/exchange"):
        if ROLE == "all":
            status("POST", path, 404, **own)
            status("POST", path, 404, source=ADMIN, **own)
        else:
            status("POST", path, 403, **own)
            status("POST", path, 200, "api", source=NODE)
    status("POST", "/api/servers", 413, body=b"x" * (2 << 20), **own)


def daemon_paths():
    files = f"/daemon/api/servers/{SERVER}/files"
    answer = status("GET", f"{files}/list?directory=%2F&token=SECRETTOKEN", 200, "daemon")
    want("the daemon sees", answer.said.get("path"), f"/api/servers/{SERVER}/files/list?directory=%2F&token=SECRETTOKEN")
    answer = status("GET", f"{files}/a%20b", 200, "daemon")
    want("the daemon sees", answer.said.get("path"), f"/api/servers/{SERVER}/files/a%20b")
    answer = status("PUT", f"{files}/write?token=SECRETTOKEN", 200, "daemon", body=b"x" * (3 << 20), Origin=URL)
    want("the daemon takes", answer.said.get("length"), 3 << 20)
    status("PATCH", files, 405, Origin=URL)
    for method, path in (("POST", f"/daemon/api/servers/{SERVER}/power"), ("POST", "/daemon/transfer/ingest"),
                         ("GET", "/daemon"), ("GET", "/daemon/healthz"), ("GET", f"/daemon/api/servers/{SERVER}"),
                         ("GET", f"/DAEMON/api/servers/{SERVER}/backups"), ("GET", f"/daemon/api/servers/{SERVER}/filesx"),
                         ("GET", f"/daemon/api/servers/{SERVER}/files/../power"),
                         ("GET", f"/daemon/api/servers/{SERVER}/ws/x"),
                         ("GET", f"/daemon;x/api/servers/{SERVER}/power"), ("GET", f"/daemon;x/api/servers/{SERVER}/ws"),
                         ("GET", "/daemon/api/servers//ws")):
        status(method, path, 404, Origin=URL)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
               "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    answer = status("GET", f"/daemon/api/servers/{SERVER}/ws?token=SECRETTOKEN", 101, **upgrade)
    want("the daemon's socket sees", answer.headers.get("x-path"), f"/api/servers/{SERVER}/ws?token=SECRETTOKEN")
    want("an upgrade elsewhere", ask("GET", "/", source=fresh(), **upgrade).status, 200)


def headers():
    answer = status("GET", "/", 200, "panel")
    want("the panel may load its editor", "https://cdn.jsdelivr.net" in answer.headers.get("content-security-policy", ""), True)
    socket_source = URL.replace("https", "wss")
    want("the panel may open its socket", f" {socket_source} " in answer.headers.get("content-security-policy", ""), True)
    status("POST", "/", 405, Origin=URL)
    policy = {"/": None, "/api/servers": API_POLICY, "/auth/get-session": API_POLICY, "/auth/update-user": API_POLICY,
              "/api;x/servers;y": API_POLICY,
              f"/daemon/api/servers/{SERVER}/files": API_POLICY, "/daemon/x": API_POLICY, "/assets/index.js": None}
    for path, expected in policy.items():
        answer = ask("GET", path, source=fresh())
        got = answer.headers.get("content-security-policy")
        if expected:
            want(f"policy of {path}", got, expected)
        elif got is None or got == API_POLICY or "default-src *" in got:
            wrong.append(f"policy of {path}: {got!r}")
        for name, value in {"x-frame-options": "DENY", "x-content-type-options": "nosniff",
                            "x-xss-protection": "1; mode=block", "referrer-policy": "strict-origin-when-cross-origin",
                            "x-powered-by": None, "access-control-allow-origin": None}.items():
            want(f"{name} of {path}", answer.headers.get(name), value)
        want(f"features of {path}", answer.headers.get("permissions-policy", "").count("=()"), 8)
    outsider = fresh()
    answer = ask("GET", "/api/servers", source=outsider, X_Forwarded_For="192.0.2.66", X_Real_IP="192.0.2.66")
    want("the API sees the client", answer.said["headers"].get("x-forwarded-for"), outsider)


def limited(what, method, paths, burst, a_minute, **headers):
    """Asks for one path after the other until one is refused: `burst` pass at once, and what the limit gives back in the
    time it took."""
    client, began, answers = fresh(), time.monotonic(), []
    while not answers or (answers[-1].status == 200 and len(answers) < 3 * burst):
        answers.append(ask(method, paths[len(answers) % len(paths)], source=client, **headers))
    passed, most = len(answers) - 1, burst + 1 + int((time.monotonic() - began) * a_minute / 60)
    want(f"{what}: {passed} pass, from {burst} to {most} may", burst <= passed <= most, True)
    want(f"{what}: the last is refused", answers[-1].status, 429)
    return client, answers


def rates():
    own = {"Origin": URL}

    if KIND == "caddy":
        return
    client, answers = limited("log-ins", "POST", ["/auth/sign-in/email"], 5, 5, **own)
    refused = answers[-1].headers
    want("the limit is told", refused.get("x-ratelimit-limit"), "5")
    want("a time to wait is told", 0 < int(refused.get("retry-after", 0)) <= 60, True)
    if KIND == "nginx":
        want("nothing is left", refused.get("x-ratelimit-remaining"), "0")
    want("another client logs in", ask("POST", "/auth/sign-in/email", source=fresh(), **own).status, 200)
    forged = [ask("POST", "/auth/sign-in/email", source=client, X_Forwarded_For=f"192.0.2.{n}", **own).status for n in range(3)]
    want("a forged address", forged, [429] * 3)
    limited("file operations", "GET", [f"/daemon/api/servers/{SERVER}/files"], 30, 30, **own)
    client, _ = limited("actions", "POST", [f"/api/servers/{SERVER}/reinstall"], 10, 10, **own)
    other = ask("POST", "/api/servers/another/reinstall", source=client, **own).status
    want("another server", other, 200 if KIND == "nginx" else 429)  # Traefik counts by address alone
    if ROLE == "panel":
        codes = [a.status for a in (ask("POST", "/api/nodes/pair/exchange", source=NODE) for _ in range(4))]
        # One was asked above.
        want("pairings that pass", codes.count(200) <= 2 and codes[-1] == 429, True)
        beats = [ask("POST", "/api/remote/heartbeat", source=NODE).status for _ in range(110)]
        want("heartbeats", set(beats), {200})


def node():
    for method, path in (("GET", "/healthz"), ("POST", f"/api/servers/{SERVER}/power"), ("GET", f"/api/servers/{SERVER}/files")):
        status(method, path, 403, host="east.example.com")
        status(method, path, 200, "daemon", source=PANEL, host="east.example.com")
    answer = ask("GET", "/healthz?x=%2F", source=PANEL, host="east.example.com")
    want("the daemon sees", answer.said.get("path"), "/healthz?x=%2F")


def cases(path):
    """A path in several spellings of capitals, and with one letter encoded."""
    return (path, path.lower(), path.upper(), path.swapcase(), path.replace(path[1], f"%{ord(path[1].swapcase()):02x}", 1))


def media():
    for path in ("/metrics", "/api-docs/openapi.json", "/health", "/emby/Startup/User", "/mediabrowser/System/Configuration"):
        for spelling in cases(path):
            for source in (None, ADMIN):
                status("GET", spelling, 404, source=source)
    for path in ("/Startup/User", "/System/Configuration", "/System/Logs", "/Environment/Drives", "/Plugins", "/ScheduledTasks"):
        for spelling in cases(path):
            status("POST", spelling, 403)
            status("POST", spelling, 200, "media", source=ADMIN)
    for path in ("/Startups", "/Systems/Configuration", "/healthy", "/Items/emby"):
        for spelling in cases(path):
            status("GET", spelling, 200, "media")
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13",
               "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for spelling in cases("/socket"):
        status("GET", spelling, 101, **upgrade)
    status("GET", "/sockets", 200, **upgrade)
    for spelling in cases("/Users/AuthenticateByName") + cases("/Users/ForgotPassword/Pin"):
        want(f"{spelling} is stored", status("POST", spelling, 200, "media").headers.get("cache-control"), "no-store")
    want("a page is stored", status("GET", "/Users/Me", 200, "media").headers.get("cache-control"), None)
    if KIND != "caddy":
        # One count for all spellings.
        limited("log-ins", "POST", cases("/Users/AuthenticateByName"), 5, 10)
        limited("log-ins by number", "POST", cases("/Users/abc/Authenticate"), 5, 10)


def sealed():
    """A service below a path, asked over TLS."""
    base = "/swing/proactions"
    if ROLE != "sealed":
        for path in (f"{base}/health", f"{base}/v1/chat/completions"):
            answer = ask("GET", path, source=fresh())
            want(f"{path} of {ROLE}", (answer.status >= 500, answer.said), (True, {}))
        return
    for spelling in (f"{base}/health", f"{base.upper()}/health", f"{base}//health", f"{base}/health/"):
        said = status("GET", spelling, 200, "hub").said
        want(f"the Hub sees of {spelling}", said.get("path", "").rstrip("/"), "/health")
        want("the Hub is asked for", said["headers"].get("host"), HOST)
        want("the Hub is told", said["headers"].get("x-forwarded-proto"), "https")
    said = status("POST", f"{base}/v1/chat/completions?x=%2F", 200, "hub", body=b"{}").said
    want("the Hub sees", said.get("path"), "/v1/chat/completions?x=%2F")
    status("GET", f"{base}/ready", 403)
    status("GET", f"{base}/ready", 200, "hub", source=ADMIN)
    for path in ("/", "/health", "/v1/chat/completions", "/swing", "/swing/health", "/swing/proactionsx/health", base,
                 f"{base}/", f"{base}/admin/panel", f"{base}/docs", f"{base}/health/x", f"{base}/../health",
                 f"/x{base}/health", "/proactions/health", "/swing%2Fproactionsx/health"):
        answer = ask("GET", path, source=fresh())
        # Traefik takes no encoded slash.
        want(f"{path} is closed", (answer.status in (400, 404), answer.said), (True, {}))


def answers():
    """What the proxy says itself."""
    policy = "default-src 'self'; frame-ancestors 'none'"
    if KIND == "traefik":
        for path in ("/.well-known/security.txt", "/robots.txt", "/gone", "/empty.txt", "/closed/robots.txt", "/inside.txt", "/signs.txt"):
            answer = ask("GET", path, source=fresh())
            want(f"{path} is closed", (answer.status, answer.said), (404, {}))
        status("GET", "/other.txt", 200, "app")
        return

    def text(path, code, kind, lines, method="GET", source=None):
        answer = ask(method, path, source=source or fresh())
        body = "".join(f"{line}\n" for line in lines) if method == "GET" else ""
        want(f"{method} {path}", (answer.status, answer.headers.get("content-type"), answer.body.decode()), (code, kind, body))
        want(f"policy of {path}", answer.headers.get("content-security-policy"), policy)
        want(f"sniffing of {path}", answer.headers.get("x-content-type-options"), "nosniff")
        if method == "HEAD":
            want(f"HEAD of {path} has a body", answer.body, b"")

    plain = "text/plain; charset=utf-8"
    contact = ["Contact: mailto:security@example.com", "Expires: 2027-06-30T00:00:00Z"]
    for path in ("/.well-known/security.txt", "/.WELL-KNOWN/security.txt", "/.well-known//security.txt"):
        text(path, 200, plain, contact)
    text("/.well-known/security.txt", 200, plain, contact, method="HEAD")
    status("POST", "/.well-known/security.txt", 405)
    status("GET", "/.well-known/security.txt/x", 200, "app")
    text("/robots.txt", 200, plain, ["User-agent: *", "Disallow: /  # \"all\"; it's 'ours' \\n \\"])
    signs = "$HOME ${HOME} costs 5$, {$HOME} {env.HOME} {http.request.uri} \\{x\\} {{{} `$(id)` \\ ~"
    text("/signs.txt", 200, plain, [signs, "$security@example.com{", "$", "$" * 450])
    for path in ("/gone", "/gone/deeper"):
        text(path, 410, "text/html; charset=utf-8", ["<h1>Gone &amp; \"lost\"; {}</h1>".replace("{}", "100 %")])
    # Open inside a closed path, and without a line.
    status("GET", "/closed/x", 404)
    text("/closed/robots.txt", 200, plain, ["Nothing here."])
    answer = ask("GET", "/empty.txt", source=fresh())
    want("an answer without a text", (answer.status, len(answer.body) < 300, answer.said), (503, True, {}))
    # What is kept for some is kept, and what is counted is counted, although nobody behind is asked.
    answer = ask("GET", "/inside.txt", source=fresh())
    want("a text for some", (answer.status, b"insiders" in answer.body), (403, False))
    text("/inside.txt", 200, plain, ["For insiders."], source=ADMIN)
    if KIND == "nginx":
        limited("a text", "GET", ["/counted.txt"], 3, 3)


MAIN_POLICY = "default-src 'self'; frame-ancestors 'none'"
NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'"
REFERRER = "strict-origin-when-cross-origin"


def said_headers(what, answer, **expected):
    for name, value in {"x_content_type_options": "nosniff", **expected}.items():
        want(f"{name} of {what}", answer.headers.get(name.replace("_", "-")), value)


def edge_headers():
    """What is set, what is the application's own, what nobody has; each on answers of the application and refusals."""
    usual = {"content_security_policy": MAIN_POLICY, "x_frame_options": "DENY", "referrer_policy": REFERRER, "x_version": None,
             "x_powered_by": None, "x_runtime": None}
    for path, changes in {
        "/": {}, "/plain": {}, "/connectorsx": {}, "/packages": {},
        "/connectors/x": {"x_frame_options": "SAMEORIGIN", "referrer_policy": "unsafe-url"},
        "/embed": {"content_security_policy": "frame-ancestors 'self' https://cloud.example.com", "x_frame_options": None},
        "/framed/x": {"x_frame_options": "SAMEORIGIN"},
        "/bare": {"referrer_policy": None},
        "/told": {"x_version": "3", "x_powered_by": "app"},
    }.items():
        said_headers(path, status("GET", path, 200, "app"), **usual | changes)
    for path, code in {"/debug": 404, "/admin": 403, "/a/..;/b": 400, "/a%2Fb": 400, "/x%5cy": 400, "/x%00y": 400}.items():
        if KIND == "nginx" and path == "/x%00y":
            continue  # refused before any site is known
        said_headers(path, status("GET", path, code), **usual)
    said_headers("TRACE", status("TRACE", "/", 405), **(usual if KIND != "nginx" else {}))
    said_headers("413", ask("POST", "/", source=fresh(), body=b"x" * (2 << 20)), **usual)
    # The policy is the application's; where the proxy answers for it there is one, too.
    own = {"host": "own.edge.example.com"}
    refusals = {"/closed": 404, "/a/..;/b": 400, "/a%2Fb": 400}
    for path, code in refusals.items() if KIND == "traefik" else (refusals | {"/": 401}).items():
        answer = ask("GET", path, source=fresh(), **own)
        want(f"own {path}", answer.status, code)
        said_headers(f"own {path}", answer, content_security_policy=NOTHING_POLICY, x_frame_options="DENY", referrer_policy=REFERRER)
    private = {"host": "private.edge.example.com"}
    said_headers("private", ask("GET", "/", source=ADMIN, **private), x_frame_options="SAMEORIGIN")
    # Who is outside does not learn what is blocked.
    for path in ("/", "/debug", "/debug/x"):
        want(f"private {path} from outside", ask("GET", path, source=fresh(), **private).status, 403)
    want("private /debug", ask("GET", "/debug", source=ADMIN, **private).status, 404)
    status("GET", "/admin/debug", 403)
    status("GET", "/admin/debug", 404, source=ADMIN)


def edge_paths():
    """Encoded characters: the same answer of every proxy, and no way around a rule."""
    for path in ("/room/%23a%3Ab", "/files/100%25.pdf", "/x%3Fy", "/a%3Bb", "/100%25", "/50%25%20off"):
        want("the application sees", status("GET", path, 200, "app").said.get("path"), path)
    for path in ("/a%2Fb", "/a%2fb", "/a%252Fb", "/%2561dmin", "/x%5Cy", "/plain/a%23", "/plain/a%3Fb",
                 "/plain/a%3bb", "/plain/a%25", "/PLAIN/a%23"):
        status("GET", path, 400)
    for path in ("/packages/@scope%2Fpkg", "/packages/a%252Fb", "/packages/a%23b", "/packages/a%2Fb%2Fc", "/packages/a%25"):
        want("the application sees", status("GET", path, 200, "app").said.get("path"), path)
    status("GET", "/x?y=%2F..%2F%5c%25ff", 200, "app")
    # Traefik resolves the step before anything looks at the path, and asks for what is left.
    want("a step behind an encoded slash", ask("GET", "/admin%2Fx/..", source=fresh()).said.get("path", "/"), "/")
    # Steps beside an encoded slash.
    for path in ("/packages/x%2F..%2F..%2Fadmin", "/packages%2F..%2Fadmin", "/packages/..%2Fadmin", "/packages/x%2F%2e%2e/admin",
                 "/packages/%2e%2e%2Fadmin", "/packages/a%2F.%2Fb", "/packages/x%2F..;/admin", "/packages/x%2F..%3Fy",
                 "/packages/x%2F..", "/packages/..%2f"):
        answer = ask("GET", path, source=fresh())
        if answer.said or answer.status not in (400, 403):
            wrong.append(f"GET {path}: {answer.status}, reaches {answer.said.get('path')}")
    for path in ("/packages/secret", "/packages%2Fsecret", "/packages/secret%2Fx", "/packages/%2Fsecret", "/packages//secret",
                 "/packages/secret%3Bx", "/packages/secret%3Fx", "/packages/secret%23x", "/packages%3Bx/secret", "/packages/SECRET%2F"):
        answer = status("GET", path, 403)
        want(f"{path} reaches", answer.said, {})
    for path in ("/admin%3Fx", "/admin%23", "/admin%3Bx", "/admin;x%3F", "/admin/%3Fx", "/ADMIN%3fx"):
        status("GET", path, 403)
        status("GET", path, 200, "app", source=ADMIN)
    for path in ("/debug%3Fx", "/debug%23x", "/debug%3Bx"):
        status("GET", path, 404)
    status("GET", "/debugs%3Fx", 200, "app")


def edge_requests():
    """Methods that do not exist, names and headers that the client invents."""
    for method in ("PROPFIND", "PUT", "OPTIONS"):
        status(method, "/", 200, "app")
    for method in ("TRACE", "FOOBAR"):
        status(method, "/", 405)
    status("get", "/", 400 if KIND == "nginx" else 405)
    for host in (HOST.upper(), f"{HOST}:443", f"{HOST}:1234"):
        said = status("GET", "/", 200, "app", Host=host).said["headers"]
        want(f"Host for {host}", said.get("host"), HOST)
        want(f"X-Forwarded-Host for {host}", said.get("x-forwarded-host"), HOST)
    foreign = ["X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Scheme",
               "X-Forwarded-Ssl", "X-Forwarded-By", "Front-End-Https", "True-Client-IP", "X-Client-IP", "CF-Connecting-IP",
               "X-Cluster-Client-IP", "Remote-User", "X-Forwarded-User", "Forwarded", "X-Forwarded-Port", "X_Client_IP"]
    for name in foreign:
        said = status("GET", "/", 200, "app", **{name: "192.0.2.66"}).said["headers"]
        want(f"{name} at the application", [pair for pair in said.items() if "192.0.2.66" in pair], [])
        want(f"{name} at the application", [known for known in said if known == name.lower()], [])
    raw = socket.create_connection(("192.0.2.1", 8080), timeout=20, source_address=(fresh(), 0))
    raw.sendall(f"GET /a?b=%2F HTTP/1.1\r\nHost: {HOST.upper()}:1234\r\nConnection: close\r\n\r\n".encode())
    text = b""
    while piece := raw.recv(4096):
        text += piece
    want("the way to HTTPS", [line.split(": ")[1] for line in text.decode().split("\r\n") if line.lower().startswith("location")],
         [f"https://{HOST}/a?b=%2F"])


def edge_limits():
    """The tight limit stands before the password."""
    if KIND != "caddy":
        client = fresh()
        codes = [ask("POST", "/log-in", source=client, host="own.edge.example.com").status for _ in range(8)]
        want("guesses at the password", (codes[:4], codes[-1]), ([401] * 4, 429))


def silent():
    """Connections that say nothing, nothing after TLS, and a header bit by bit: seconds until each is closed."""
    lasted = {}

    def hold(what, tls, bits):
        line = socket.create_connection(("192.0.2.1", 8443), timeout=30, source_address=(fresh(), 0))
        began = time.monotonic()
        try:
            if tls:
                line = UNVERIFIED.wrap_socket(line, server_hostname=HOST)
            line.settimeout(1 if bits else 30)
            for bit in bits:
                line.sendall(bit.encode())
                try:
                    if not line.recv(1):
                        break
                except TimeoutError:
                    pass
            else:
                line.recv(1)
        except OSError:
            pass
        lasted[what] = time.monotonic() - began

    cases = {"a silent connection": (False, ""), "TLS without a request": (True, ""), "a slow header": (True, "GET / HTTP/1.1 \r\nX: yyyyy")}
    threads = [threading.Thread(target=hold, args=(what, *how)) for what, how in cases.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for what, seconds in lasted.items():
        want(f"{what} is closed after 10 seconds, after {seconds:.1f}", 8 < seconds < 14, True)


def edge():
    checks = [edge_headers, edge_paths, edge_requests, edge_limits]
    waiting = threading.Thread(target=silent)
    if KIND != "traefik":  # it waits as long as an upload may take
        waiting.start()
    for check in checks:
        check()
    if KIND != "traefik":
        waiting.join()


def wait():
    """Until the proxy has read its routes."""
    end = time.monotonic() + 30
    while True:
        try:
            if SEALED:
                if ask("GET", "/swing/proactions/health", source=fresh()).status != 404:
                    return
            elif ask("GET", "/", source=PANEL, host="east.example.com" if ROLE == "node" else HOST).said:
                return
        except OSError:
            pass
        if time.monotonic() > end:
            sys.exit("the proxy does not answer")
        time.sleep(0.05)


names()
if ROLE == "media":
    application("media", ("127.0.0.1", 8096))
elif ROLE in ("answers", "edge"):
    application("app", ("127.0.0.1", 8000))
elif SEALED:
    seal = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    seal.minimum_version = ssl.TLSVersion.TLSv1_3
    seal.load_cert_chain("/mnt/sealed.crt", "/mnt/sealed.key")
    application("hub", ("127.0.0.1", 3000), seal)
elif ROLE != "node":
    application("panel", ("127.0.0.1", 80))
    application("api", ("127.0.0.1", 3000))
if ROLE in ("panel", "stranger"):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain("/mnt/node.crt", "/mnt/node.key")
    application("daemon", ("127.0.0.1", 443), tls)
else:
    # A process of the host, or a container of the bundle, whose name leads to 127.0.0.1.
    application("daemon", ("0.0.0.0", 8081))
open("/mnt/ready", "w").close()
wait()
if ROLE == "node":
    node()
elif ROLE == "media":
    media()
elif ROLE == "answers":
    answers()
elif ROLE == "edge":
    edge()
elif SEALED:
    sealed()
elif ROLE == "stranger":
    answer = ask("GET", f"/daemon/api/servers/{SERVER}/files", source=fresh())
    want("a certificate of somebody else", (answer.status >= 500, answer.said), (True, {}))
else:
    for check in (log_in_paths, api_paths, daemon_paths, headers, rates):
        check()
print("\n".join(wrong), flush=True)
# The threads that play the others may be inside OpenSSL, which does not survive a tidy end.
os._exit(1 if wrong else 0)
