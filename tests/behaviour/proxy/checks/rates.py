"""Rates per client address."""

import json
import time

import rig

from asking import parse
from ledger import check


def limited(lab):
    return lab.want.limits_rates


class Bucket:
    """What one client may have been let through since it began: a busy machine is slow, and time gives requests back."""

    def __init__(self, rate):
        self.rate, self.start = rate, time.monotonic()

    def most(self):
        return 1 + self.rate.burst + int((time.monotonic() - self.start) * self.rate.requests / self.rate.seconds)


def guess(lab, site, address, times, path=None, forge=False):
    """Statuses of so many log-ins from one address."""
    statuses = []
    for turn in range(times):
        headers = {"X-Forwarded-For": f"203.0.113.{turn}", "X-Real-IP": f"203.0.113.{turn}"} if forge else {}
        statuses.append(lab.admin.ask(site, path or site.login, "POST", headers=headers, address=address))
    return statuses


@check(when=limited)
def logins_above_the_rate_get_429(lab):
    rate = lab.want.rates["login"]
    passing = 1 + rate.burst
    for site in lab.want.sites:
        address, bucket = lab.admin.fresh(), Bucket(rate)
        replies = guess(lab, site, address, passing + 3, forge=True)
        statuses = [reply.status for reply in replies]
        lab.equal("the first", statuses[:passing], [200] * passing)
        lab.holds(f"{passing + 1} and on", statuses.count(200) <= bucket.most(), statuses)
        last = next((reply for reply in replies[::-1] if reply.status == 429), replies[-1])
        lab.equal("one of them", last.status, 429)
        lab.hardened("429", last, site, site.login)
        lab.plain_error("429", last)
        wait = last.first("Retry-After") or ""
        lab.holds("Retry-After", wait.isdigit() and 1 <= int(wait) <= rate.seconds, last.headers)
        spellings = ["/" + site.login, site.login + "/", site.login.upper(), site.login[:-1] + f"%{ord(site.login[-1]):02x}",
                     site.login + ";x", site.login.replace("/", ";x/")[2:]]
        for spelling in spellings:
            statuses.append(guess(lab, site, address, 1, spelling)[0].status)
            lab.one_of(f"{spelling} counts too", statuses[-1], (200, 429))
            lab.holds(f"{spelling} counts too", statuses.count(200) <= bucket.most(), statuses)
        lab.equal("other paths of this client", lab.admin.ask(site, "/page", address=address).status, 200)
        lab.equal("other clients", guess(lab, site, lab.admin.fresh(), 1)[0].status, 200)


@check(when=limited)
def guesses_at_the_proxys_password_count_where_people_log_in(lab):
    rate, address = lab.want.rates["login"], lab.admin.fresh()
    user, bucket = lab.manager.password[0], Bucket(rate)
    statuses = [lab.admin.ask(lab.manager, lab.manager.login, "POST", password=(user, f"wrong{turn}"), address=address).status
                for turn in range(3 + rate.burst)]
    lab.equal("the first", statuses[:1 + rate.burst], [401] * (1 + rate.burst))
    lab.holds("those after", 429 in statuses and statuses.count(401) <= bucket.most(), statuses)


@check(families=(6,), when=limited)
def an_ipv6_client_is_its_network_of_64_bits(lab):
    """Who has one address has them all, so another of the same network is no way around."""
    rate, address = lab.want.rates["login"], lab.admin.fresh()
    bucket, replies = Bucket(rate), guess(lab, lab.api, address, 2 + rate.burst)
    other = lab.place.neighbour("admin", address)
    statuses = [reply.status for reply in (*replies, *guess(lab, lab.api, other, 2))]
    lab.holds("the next address", statuses.count(200) <= bucket.most(), statuses)


@check(when=limited)
def a_flood_is_cut_to_the_general_rate(lab):
    """Over all paths together, on one connection, several at a time: nobody may be too slow to exceed it."""
    rate = lab.want.rates["general"]
    paths, statuses, start = ("/players", "/x", "/status/200", "/y"), [], time.monotonic()
    with lab.admin.connect(lab.api.host, lab.admin.fresh()) as connection:
        stream = connection.makefile("rb")
        while statuses.count(429) < 10 and len(statuses) < 2000:
            connection.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: {lab.api.host}\r\n\r\n".encode() for path in paths))
            statuses += [read(stream).status for _ in paths]
    passed, most = statuses.count(200), 1 + rate.burst + (time.monotonic() - start) * rate.requests / rate.seconds
    lab.holds("429 comes", 429 in statuses, len(statuses))
    lab.holds("not before the burst is used", 429 not in statuses[:1 + rate.burst], statuses.index(429))
    lab.holds("no more than the rate", passed <= most + 1, f"{passed} of {most:.1f}")
    lab.equal("others are not harmed", lab.admin.ask(lab.api, "/x").status, 200)


def read(stream):
    """One answer of a connection that stays open."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            raise ConnectionError("closed in the middle of an answer")
        head += line
    reply = parse(head)
    reply.body = stream.read(int(reply.first("Content-Length") or 0))
    return reply


@check(families=(4,), when=lambda lab: not limited(lab))
def what_cannot_be_limited_is_said(lab):
    """Caddy's stock image counts no requests: the run, the report and a profile that asks for rates all say so."""
    report = json.loads((lab.case.bundle.path / "report.json").read_text())
    entry = next(item for item in report["recommendations"] if item["id"] == "HYOS-43")
    lab.holds("the guide's line is not called enforced", entry["status"] != "enforced", entry)
    profile = json.loads(json.dumps(lab.case.profile))
    said = told(lab, profile)
    lab.holds("a warning", "left-out" in said.stdout and "cannot limit rates" in said.stdout, said.stdout)
    profile["proxy"]["rate_limits"] = {"login": "5/1m"}
    said = told(lab, profile)
    lab.equal("a profile that asks for rates", (said.returncode, "proxy-cannot" in said.stdout), (2, True), said.stdout)


@check(families=(4,), when=lambda lab: lab.kind == "nginx")
def what_is_counted_too_fast_is_said(lab):
    """nginx counts no slower than one request a minute."""
    profile = json.loads(json.dumps(lab.case.profile))
    for rate, status in (("3/15m", 2), ("1/61s", 2), ("1/1m", 0)):
        profile["proxy"]["rate_limits"] = {"login": rate}
        said = told(lab, profile)
        lab.equal(rate, (said.returncode, "proxy-cannot" in said.stdout), (status, status == 2), said.stdout)


def told(lab, profile):
    """What the tool says of a profile."""
    path = lab.place.scratch / "asked.json"
    path.write_text(json.dumps(profile))
    return rig.run(lab.place.scratch / "stockade", "check", path, "--format", "json", check=False)
