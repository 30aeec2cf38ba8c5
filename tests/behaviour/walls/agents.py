"""Runs inside a namespace: `agents.py TASK JSON`. Servers that answer, clients that ask."""

import asyncio
import contextlib
import json
import resource
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PATIENCE = 1.0
# Protocols without ports, by number; their "port" is 0.
RAW = {"gre": 47, "esp": 50, "vrrp": 112}
SO_RCVBUFFORCE = 33
IP_PKTINFO = 8
IPV6_FREEBIND = 78


def serve(ports):
    """Answers every connection and datagram with `ok`, until it is killed."""

    def answer_tcp(listener):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    def echo(connection):
        with contextlib.suppress(OSError), connection:
            connection.sendall(b"ok")
            while data := connection.recv(64):
                connection.sendall(data)

    def answer_udp(sock):
        while True:
            _, peer = sock.recvfrom(64)
            sock.sendto(b"ok", peer)

    def answer_raw(sock):
        while True:
            packet, peer = sock.recvfrom(256)
            if packet.endswith(b"?"):
                sock.sendto(b"ok", peer)

    for protocol, port in ports:
        if protocol in RAW:
            for family in (socket.AF_INET, socket.AF_INET6):
                sock = socket.socket(family, socket.SOCK_RAW, RAW[protocol])
                threading.Thread(target=answer_raw, args=(sock,), daemon=True).start()
            continue
        # One socket a family: a datagram must be answered from the address it was sent to.
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
            sock = socket.socket(family, kind)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if protocol == "udp":
                # A busy machine must not lose what the firewall let through; a container may not ask for that.
                with contextlib.suppress(PermissionError):
                    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sock.bind((address, port))
            if protocol == "tcp":
                sock.listen(512)
            target = answer_tcp if protocol == "tcp" else answer_udp
            threading.Thread(target=target, args=(sock,), daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


def ask(address, protocol, port, source=None, patience=PATIENCE):
    """True when the service behind the port answers."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_RAW if protocol in RAW else socket.SOCK_DGRAM
    with socket.socket(family, kind, RAW.get(protocol, 0)) as sock:
        sock.settimeout(patience)
        try:
            if source:
                sock.bind((source, 0))
            sock.connect((address, port))
            if protocol != "tcp":
                sock.send(b"?")
            return sock.recv(64).endswith(b"ok")
        except OSError:
            return False


def probe(questions):
    """Asks everything at once; prints which were answered."""
    with ThreadPoolExecutor(64) as pool:
        print(json.dumps(list(pool.map(lambda question: ask(*question), questions))))


def reach(questions):
    """Which of `(address, protocol, port)` take a connection, or answer a datagram with anything; prints them."""

    def knock(address, protocol, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
        with socket.socket(family, kind) as sock:
            sock.settimeout(PATIENCE)
            try:
                sock.connect((address, port))
                if protocol == "udp":
                    sock.send(b"?")
                    sock.recv(64)
                return True
            except OSError:
                return False

    with ThreadPoolExecutor(64) as pool:
        print(json.dumps(list(pool.map(lambda question: knock(*question), questions))))


def sweep(address):
    """Prints every TCP port of an address that takes a connection."""

    async def knock(port, limit, found):
        async with limit:
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 0.5)
                writer.close()
                found.append(port)

    async def every():
        limit, found = asyncio.Semaphore(4000), []
        await asyncio.gather(*(knock(port, limit, found) for port in range(1, 65536)))
        return sorted(found)

    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    print(json.dumps(asyncio.run(every())))


def burst(question, times):
    """Asks the same so many times at once; prints how many were answered."""
    with ThreadPoolExecutor(times) as pool:
        print(json.dumps(sum(pool.map(lambda _: ask(*question), range(times)))))


def stream(question, times):
    """Sends so many datagrams, some two thousand a second; prints how many were answered, and in how many seconds."""
    address, _, port = question
    answered, start = 0, time.monotonic()
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        sock.connect((address, port))
        for turn in range(times):
            with contextlib.suppress(OSError):
                sock.send(b"?")
            sock.settimeout(0.004 if turn % 10 == 9 else 0.0)
            with contextlib.suppress(OSError):
                while sock.recv(64):
                    answered += 1
        took = time.monotonic() - start
        sock.settimeout(0.5)
        with contextlib.suppress(OSError):
            while sock.recv(64):
                answered += 1
    print(json.dumps([answered, took]))


def spread(question, network, sources, flows):
    """One datagram of so many flows from each of so many sources of a network (/24 or /48); prints how many were answered, and in
    how many seconds they were sent."""
    address, _, port = question
    v6 = ":" in address
    names = [f"{network}:{number:x}::1" if v6 else f"{network}.{number}" for number in range(1, sources + 1)]
    family, answered, start = (socket.AF_INET6 if v6 else socket.AF_INET), 0, time.monotonic()
    sockets = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(flows)]
    for sock in sockets:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        if v6:  # any address of the network, though no device has it
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        sock.bind(("::" if v6 else "0.0.0.0", 0))
        for name in names:
            # The source as ancillary data: in6_pktinfo or in_pktinfo.
            info = socket.inet_pton(family, name) + bytes(4) if v6 else bytes(4) + socket.inet_aton(name) + bytes(4)
            level = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO) if v6 else (socket.IPPROTO_IP, IP_PKTINFO)
            with contextlib.suppress(OSError):
                sock.sendmsg([b"?"], [(*level, info)], 0, (address, port))
    took = time.monotonic() - start
    for sock in sockets:
        sock.settimeout(0.5)
        with contextlib.suppress(OSError):
            while sock.recv(64):
                answered += 1
    print(json.dumps([answered, took]))


def chat(question, times):
    """Prints how many of so many words came back on one connection."""
    address, _, port = question
    back = 0
    with contextlib.suppress(OSError), socket.create_connection((address, port), 5) as sock:
        sock.settimeout(PATIENCE)
        if sock.recv(2) == b"ok":
            for _ in range(times):
                sock.sendall(b"word")
                back += sock.recv(4) == b"word"
    print(json.dumps(back))


def hammer(questions):
    """Asks in turn until standard input ends; prints how often each was answered and how often not."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    counts = [[0, 0] for _ in questions]

    def knock(index):
        address, protocol, port, patience, pause = questions[index]
        while not stop.is_set():
            counts[index][0 if ask(address, protocol, port, None, patience) else 1] += 1
            time.sleep(pause)  # below the new-connection limits a bundle may set

    with ThreadPoolExecutor(len(questions)) as pool:
        print("ready", flush=True)
        list(pool.map(knock, range(len(questions))))
    print(json.dumps(counts))


def session(address, port):
    """Keeps one connection until standard input ends, then tells whether it still carries data."""
    with socket.create_connection((address, port), 5) as sock:
        assert sock.recv(2) == b"ok"
        print("ready", flush=True)
        sys.stdin.read()
        with contextlib.suppress(OSError):
            sock.settimeout(5)
            sock.sendall(b"still")
            if sock.recv(5) == b"still":
                print("alive", flush=True)
                return
        print("dead", flush=True)


if __name__ == "__main__":
    argument = json.loads(sys.argv[2])
    tasks = {"serve": serve, "probe": probe, "hammer": hammer, "reach": reach, "sweep": sweep}
    if sys.argv[1] in tasks:
        tasks[sys.argv[1]](argument)
    else:
        {"session": session, "burst": burst, "stream": stream, "spread": spread, "chat": chat}[sys.argv[1]](*argument)
