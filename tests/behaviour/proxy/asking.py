"""One HTTP/1.1 request at a time, byte for byte as written, from an address of a client network."""

import base64
import json
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from namespace import entered


@dataclass
class Reply:
    """An answer; `status` is a word where there was none: `refused` by TLS, or `closed`."""

    status: int | str
    headers: list = field(default_factory=list)
    body: bytes = b""
    reason: str = ""

    def all(self, name):
        return [value for key, value in self.headers if key == name.lower()]

    def first(self, name):
        return next(iter(self.all(name)), None)

    @property
    def text(self):
        return self.body.decode("latin1")

    @property
    def seen(self):
        """What the application saw, which the stub repeats."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {"path": None, "headers": [], "body": None}


def parse(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin1").split("\r\n")
    if first.startswith("HTTP/1.1 100"):
        return parse(body)
    pairs = (line.partition(":") for line in lines)
    reply = Reply(int(first.split()[1]), [(key.lower(), value.strip()) for key, _, value in pairs], body)
    if reply.first("transfer-encoding") == "chunked":
        reply.body = b"".join(dechunked(body))
    return reply


def dechunked(data):
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        yield data[:length]
        data = data[length + 2:]


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Client:
    """Somebody in a client network, over one IP version; a fresh address every few requests, so that no check uses up
    the rate limits of another."""

    REQUESTS_PER_ADDRESS = 25

    def __init__(self, place, network, family, authority, https_port):
        self.place, self.network, self.family = place, network, family
        self.authority, self.https_port = authority, https_port
        self.target = place.address(network, family)
        self.used = self.REQUESTS_PER_ADDRESS

    def fresh(self):
        """An address that has asked nothing yet; its IPv6 network of 64 bits has not either."""
        return self.place.fresh(self.network, self.family)

    def _address(self):
        if self.used >= self.REQUESTS_PER_ADDRESS:
            self.current, self.used = self.fresh(), 0
        self.used += 1
        return self.current

    def bare(self, address=None, plain=False):
        """A connection on which nothing was said yet."""
        with entered(self.place.namespace(self.network)):
            target = (self.target, 80 if plain else self.https_port)
            return socket.create_connection(target, 30, (address or self._address(), 0))

    def reach(self, *ports):
        """Which of these ports take a connection, asked all at once. Nobody who is let through needs two seconds for it."""

        def reaches(port, address):
            try:
                with entered(self.place.namespace(self.network)), socket.create_connection((self.target, port), 2, (address, 0)):
                    return True
            except OSError:
                return False

        with ThreadPoolExecutor(len(ports)) as pool:
            return list(pool.map(reaches, ports, [self._address() for _ in ports]))

    def connect(self, sni=None, address=None, plain=False, alpn=("http/1.1",)):
        """A connection over TLS, verified against the bundle's authority, for the host that `sni` names."""
        bare = self.bare(address, plain)
        if plain:
            return bare
        context = ssl.create_default_context(cafile=self.authority)
        context.check_hostname = sni is not None
        context.set_alpn_protocols(list(alpn))
        try:
            return context.wrap_socket(bare, server_hostname=sni)
        except BaseException:
            bare.close()
            raise

    def ask(self, site, path="/", method="GET", *, headers=(), body=b"", password=True, host=None, address=None,
            plain=False, sni="", chunked=False):
        """Sends one request and reads the answer to its end."""
        given = dict(headers)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or site.host}", "Connection: close"]
        if site.password and password:
            given.setdefault("Authorization", basic(*(site.password if password is True else password)))
        if chunked:
            given["Transfer-Encoding"] = "chunked"
            pieces = [body[at:at + 65536] for at in range(0, len(body), 65536)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        elif body or method in ("POST", "PUT", "PATCH", "DELETE"):
            given.setdefault("Content-Length", len(body))
        lines = [line for line in lines if line.split(":")[0] not in given]
        lines += [f"{key}: {value}" for key, value in given.items()]
        try:
            with self.connect(sni if sni != "" else site.host, address, plain) as connection:
                return exchange(connection, "\r\n".join(lines).encode("latin1") + b"\r\n\r\n", body)
        except OSError as error:  # of TLS, too
            return Reply("refused", reason=str(error))


def exchange(connection, head, body):
    data, broken = b"", None
    try:
        connection.sendall(head + body)
    except OSError as error:  # a body that is too large need not be read to its end
        broken = error
    try:
        while piece := connection.recv(65536):
            data += piece
    except OSError as error:
        broken = error
    return parse(data) if data else Reply("closed", reason=str(broken or ""))
