"""Behind a load balancer that adds to `X-Forwarded-For`: the last address it did not know counts."""

import ipaddress

from ledger import check

from .forwarding import told
from .rates import Bucket, guess, limited


def balanced(lab):
    return bool(lab.want.trusted)


def balancer(lab):
    """An address of the load balancer, in the internet's network."""
    network = next(network for network in map(ipaddress.ip_network, map(loose, lab.want.trusted))
                   if network.version == lab.family)
    return lab.place.own("internet", str(network[2]))


def loose(text):
    return str(ipaddress.ip_network(text, strict=False))


def through(lab, forwarded, site=None, path="/page", method="GET", **more):
    """A request that the load balancer hands on, with what it wrote."""
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return lab.internet.ask(site or lab.manager, path, method, headers=headers | more.pop("headers", {}),
                            address=balancer(lab), **more)


@check(when=balanced)
def the_client_is_who_the_balancer_saw(lab):
    inside, outside = lab.admin.fresh(), lab.internet.fresh()
    lab.equal("an admin", through(lab, inside).status, 200)
    lab.equal("somebody else", through(lab, outside).status, 403)
    lab.equal("somebody else who claims to be an admin", through(lab, f"{inside}, {outside}").status, 403)
    lab.equal("an admin who claims to be somebody else", through(lab, f"{outside}, {inside}").status, 200)
    lab.one_of("the balancer itself", through(lab, None).status, (403,))


@check(when=lambda lab: balanced(lab) and lab.is_open)
def the_internet_is_not_believed(lab):
    reply = lab.internet.ask(lab.manager, "/page", headers={"X-Forwarded-For": lab.admin.fresh()})
    lab.equal("from the internet", reply.status, 403)


@check(when=balanced)
def others_are_not_believed(lab):
    address = lab.admin.fresh()
    reply = lab.admin.ask(lab.manager, "/page", headers={"X-Forwarded-For": "192.0.2.1"}, address=address)
    # Traefik leaves the addresses of balancers out of the list, finds no other, and refuses.
    if lab.kind == "traefik":
        lab.equal("from an admin, directly", reply.status, 403)
    else:
        lab.equal("from an admin, directly", (reply.status, told(reply, "x-forwarded-for")), (200, [address]))


@check(when=balanced)
def the_application_cannot_be_lied_to(lab):
    """Whatever the client wrote in front, the first address the application reads is not the client's invention."""
    inside = lab.admin.fresh()
    forged = {"X-Real-IP": "192.0.2.3", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher",
              "X-Forwarded-Port": "6666", "Forwarded": "for=192.0.2.4", "X_Forwarded_For": "192.0.2.5"}
    reply = through(lab, f"192.0.2.1, {inside}", headers=forged)
    lab.equal("status", reply.status, 200)
    # Traefik cannot single out one element, so it tells the application none.
    wanted = [] if lab.kind == "traefik" else [inside]
    lab.equal("X-Forwarded-For", told(reply, "x-forwarded-for"), wanted)
    lab.one_of("X-Real-IP", told(reply, "x-real-ip"), ([], wanted))
    lab.equal("X-Forwarded-Proto", told(reply, "x-forwarded-proto"), ["https"])
    wrong = [pair for pair in reply.seen["headers"] if any(w in pair[1] for w in ("192.0.2.", "evil", "gopher", "6666"))]
    lab.equal("forged values that got through", wrong, [])


@check(when=lambda lab: balanced(lab) and limited(lab))
def rates_count_the_client_and_not_the_balancer(lab):
    rate, inside, other = lab.want.rates["login"], lab.admin.fresh(), lab.admin.fresh()
    bucket = Bucket(rate)
    statuses = [through(lab, f"192.0.2.{turn}, {inside}", lab.api, lab.api.login, "POST").status
                for turn in range(3 + rate.burst)]
    lab.holds("no more than the rate", 429 in statuses and statuses.count(200) <= bucket.most(), statuses)
    lab.equal("another client of the balancer", through(lab, other, lab.api, lab.api.login, "POST").status, 200)
    if lab.kind != "traefik":
        statuses += [reply.status for reply in guess(lab, lab.api, inside, 2)]
        lab.holds("the same client directly", statuses.count(200) <= bucket.most(), statuses)
