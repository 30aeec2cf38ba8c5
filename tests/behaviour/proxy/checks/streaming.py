"""Upgrades and event streams pass where a route streams, and nowhere else; HTTP/2."""

import socket
import ssl

from ledger import check

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}

CLOSING = {"Connection": "close, Upgrade"}


def streams(lab):
    return lab.api.streaming is not None


def request(site, path, headers):
    lines = [f"GET {path} HTTP/1.1", f"Host: {site.host}", *(f"{key}: {value}" for key, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def read_until(connection, wanted, seconds=10):
    """What arrived up to these bytes, or all of it where they did not come in time."""
    connection.settimeout(seconds)
    data = b""
    try:
        while wanted not in data and (piece := connection.recv(4096)):
            data += piece
    except (TimeoutError, socket.timeout, ssl.SSLError, ConnectionError):
        pass
    return data


@check(when=streams)
def a_websocket_opens_where_the_route_streams(lab):
    for path in (lab.api.streaming, lab.api.streaming + "/x"):
        with lab.admin.connect(lab.api.host) as connection:
            connection.sendall(request(lab.api, path, UPGRADE))
            data = read_until(connection, b"hello")
            lab.holds(f"{path}: 101", data.startswith(b"HTTP/1.1 101 "), data[:100])
            lab.holds(f"{path}: first frame", b"hello" in data, data[-100:])
            connection.sendall(b"\x81\x83maskmasked")
            lab.holds(f"{path}: both ways", b"masked" in read_until(connection, b"masked"), data[-100:])


@check()
def no_connection_is_upgraded_elsewhere(lab):
    for site, path in ((lab.manager, "/page"), (lab.manager, "/ws"), (lab.manager, "/api/x"), (lab.api, "/players")):
        reply = lab.admin.ask(site, path, headers=UPGRADE | CLOSING)
        lab.equal(f"{site.host}{path}", reply.status, 200)
        lab.equal(f"{path}: Upgrade at the application", [v for k, v in reply.seen["headers"] if k == "upgrade"], [])
    if not streams(lab):
        reply = lab.admin.ask(lab.api, "/ws", headers=UPGRADE | CLOSING)
        lab.equal("blocked /ws", reply.status, 404)


@check(when=lambda lab: streams(lab) and lab.is_open)
def the_internet_opens_no_websocket(lab):
    reply = lab.internet.ask(lab.api, lab.api.streaming, headers=UPGRADE | CLOSING)
    lab.equal("status", reply.status, 403)


@check(when=streams)
def events_arrive_as_they_are_sent(lab):
    """The second event is only sent once the first has arrived here, so a proxy that waits for more waits in vain."""
    path = lab.api.streaming
    for method in ("GET", "POST"):
        with lab.admin.connect(lab.api.host) as connection:
            connection.sendall(request(lab.api, f"{path}/events", {"Accept": "text/event-stream"})
                               .replace(b"GET", method.encode()).replace(b"\r\n\r\n", b"\r\nContent-Length: 2\r\n\r\nok"))
            data = read_until(connection, b"data: first")
            lab.holds(f"{method}: the first event", b"data: first" in data, data)
            lab.holds(f"{method}: the second is not there yet", b"data: second" not in data, data)
            lab.equal("release", lab.admin.ask(lab.api, f"{path}/release").status, 200)
            rest = read_until(connection, b"data: second")
            lab.holds(f"{method}: the second event", b"data: second" in rest, rest)
            headers = data.split(b"\r\n\r\n")[0].decode().lower()
            for name, value in lab.api.headers.items():
                lab.holds(f"{method}: {name}", headers.count(f"{name.lower()}: {value.lower()}") == 1, headers)


@check()
def http2_is_spoken(lab):
    with lab.admin.connect(lab.manager.host, alpn=("h2", "http/1.1")) as connection:
        lab.equal("ALPN", connection.selected_alpn_protocol(), "h2")
    address = lab.admin.target if lab.family == 4 else f"[{lab.admin.target}]"
    site, port = lab.manager, lab.want.https_port
    common = ["curl", "-sS", "--http2", "--cacert", lab.admin.authority, "--connect-to", f"::{address}:{port}", "-u",
              ":".join(site.password), "-D", "-", "-o", "/dev/null"]

    def ask(path, *arguments):
        done = lab.place.tool("admin", *common, *arguments, f"{site.origin}{path}")
        lines = (done.stdout or done.stderr).splitlines()
        return (lines or [""])[0].strip(), [line.split(":")[0].lower() for line in lines]

    first, names = ask("/page")
    lab.equal("GET", first, "HTTP/2 200")
    for name in site.headers:
        lab.equal(f"{name} over HTTP/2", names.count(name.lower()), 1)
    lab.equal("blocked", ask("/setup")[0], "HTTP/2 404")
    lab.equal("cross-site", ask("/api/x", "-d", "x", "-H", "Sec-Fetch-Site: cross-site")[0], "HTTP/2 403")
    lab.equal("wrong password", ask("/page", "-u", "admin:x")[0], "HTTP/2 401")
    large = lab.place.scratch / "large"
    large.write_bytes(b"x" * (site.bodies["/api/config"] + 1))
    first, _ = ask("/api/config", "-X", "POST", "-H", "Expect:", "-T", large)
    lab.equal("a large body", first, "HTTP/2 413")
    # No length: the end of the stream is the end of the body.
    done = lab.place.tool("admin", "sh", "-c", 'cat "$0" | "$@"', large, *common, "-X", "POST", "-T", "-",
                          f"{site.origin}/api/config")
    lab.holds("a large body of unknown length", done.stdout.startswith("HTTP/2 413"), done.stdout + done.stderr)
