"""Runs the checks of every subject in every case."""

import fnmatch
import time

import checks
import rig
from asking import Client
from cases import CASES, PROXIES, Case, promised
from ledger import checks_of
from pairs import rows
from place import Place, engine, prepare


class Lab:
    """What a check is given: who asks, what is expected, and where the results go."""

    # What the cases promise that are asked the same.
    peers = {}

    def __init__(self, case, place, ledger, family):
        self.case, self.place, self.family = case, place, family
        self.want, self.kind = case.want, case.kind
        self.manager, self.api = case.want.manager, case.want.api
        self.admin, self.internet = (
            Client(place, network, family, case.authority, case.want.https_port) for network in ("admin", "internet"))
        self.front = case.want.front
        self.equal, self.one_of, self.holds = ledger.equal, ledger.one_of, ledger.holds

    @property
    def is_open(self):
        """Whether the internet gets as far as the proxy."""
        return self.front is not None or not self.place.guarded

    @property
    def clients(self):
        """Those who get as far as the proxy."""
        return [self.admin, self.internet] if self.is_open else [self.admin]

    def pairs(self, *properties, families=(4, 6)):
        """What is asked here, so that over all labs of this proxy every two values of two properties meet.

        A property gives what it may be under a promise: values, or their names and values where they differ by case.
        """
        promises = self.peers | {self.case.name: self.want}
        given = [{name: dict(named(it(want))) for name, want in promises.items()} for it in properties]
        names = tuple(tuple(tuple(of_case[name]) for name in promises) for of_case in given)
        for case, family, *row in rows(tuple(promises), families, names):
            if (case, family) == (self.case.name, self.family):
                yield tuple(of_case[case][name] for of_case, name in zip(given, row))

    def hardened(self, what, reply, site, path="/"):
        """The headers every answer of a site has, errors included, each once, and nothing that tells what runs."""
        for name, value in site.headers.items():
            if name == "Cache-Control":
                continue
            self.equal(f"{what}: {name}", reply.all(name), [value])
        if not self.want.hsts:
            self.equal(f"{what}: no HSTS without a trusted certificate", reply.all("Strict-Transport-Security"), [])
        if site.is_api(path):
            self.equal(f"{what}: Cache-Control", reply.all("Cache-Control"), ["no-store"])
        for name in ("X-Powered-By", "X-Runtime", "X-Generator", "Via", "Alt-Svc"):
            self.equal(f"{what}: no {name}", reply.all(name), [])
        # nginx cannot leave its name out, only its version.
        self.one_of(f"{what}: Server", reply.first("Server"), ["nginx"] if self.kind == "nginx" else [None])

    def plain_error(self, what, reply):
        """A body of a few words without a version."""
        text = reply.text.lower()
        names = [word for word in ("stubapp", "next.js", "traefik", "caddy", f"{self.kind}/") if word in text]
        self.holds(f"{what}: plain body", len(text) < 400 and not names, reply.text[:200])


def run_all(patterns, ledger):
    """Runs the subjects that a pattern `PROXY/CASE/SUBJECT` names."""
    with engine() as host:
        prepare(host)
        for kind in PROXIES:
            asked = {name: subjects(name, kind, patterns) for name in CASES}
            for name, own in asked.items():
                if own:
                    peers = {subject: {other: promised(other, kind) for other in CASES if subject in asked[other]} for subject in own}
                    run_case(host, Case(name, kind, host), own, peers, ledger)


def subjects(name, kind, patterns):
    """What a case is asked: behind a balancer, what differs there."""
    few = (checks.balancer, checks.firewall) if promised(name, kind).trusted else checks.SUBJECTS
    return [it for it in checks.SUBJECTS if it in few and any(chosen(p, kind, name, title(it)) for p in patterns)]


def named(values):
    """Values by name; those of one property have the same names wherever they mean the same."""
    values = list(values)
    return values if all(isinstance(it, tuple) for it in values) else ((it, it) for it in values)


def chosen(pattern, *names):
    parts = pattern.split("/")
    return all(fnmatch.fnmatch(name, part) for name, part in zip(names, parts))


def title(subject):
    return subject.__name__.rpartition(".")[2]


def run_case(host, case, subjects, peers, ledger):
    compared, failed, start = ledger.compared, len(ledger.failures), time.monotonic()
    with rig.Stack(host, case.bundle) as stack:
        place = Place(host, stack, host.folder)
        labs = {family: Lab(case, place, ledger, family) for family in (4, 6)}
        todo = [(subject, check, family) for subject in subjects for check in checks_of(subject)
                for family in check.families]
        # In front of the proxy stands the bundle's own firewall; what it keeps from the proxy is asked without it at last.
        try:
            for guarded in (True, False):
                place.guard(guarded)
                place.wait_for("the proxy's own certificate and routes", lambda: ready(labs.values()))
                applies = [item for item in todo if item[1].when(labs[item[2]])]
                todo = [item for item in todo if item not in applies]
                for subject, check, family in applies:
                    stage = "" if guarded else ", no firewall"
                    where = f"{case.kind}/{case.name}/{title(subject)}: {check.__name__}, IPv{family}{stage}"
                    labs[family].peers = peers[subject]
                    ledger.run(where, check, labs[family])
        finally:
            if place.guarded:
                place.guard(False)
        if len(ledger.failures) > failed:
            evidence(stack)
    print(f"{case.kind}/{case.name}: {ledger.compared - compared} compared, {len(ledger.failures) - failed} failed "
          f"({time.monotonic() - start:.0f} s)", flush=True)


def evidence(stack):
    """What the services said, but for the access log."""
    for name, text in stack.logs().items():
        lines = [line for line in text.splitlines() if not line.startswith("{")]
        for line in lines[-20:]:
            print(f"     {name}: {line[:300]}", flush=True)


def ready(labs):
    """Traefik listens before it has read its routes, with a certificate of its own, and answers 404."""
    return all(lab.admin.ask(lab.manager, password=False).status in (401, 403) for lab in labs)
