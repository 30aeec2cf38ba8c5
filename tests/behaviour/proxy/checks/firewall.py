"""The bundle's own firewall in front of the proxy: whom it stops never gets an answer, whom it lets through meets the proxy."""

from ledger import check


def ports(lab):
    return [80, lab.want.https_port]


@check(when=lambda lab: lab.place.guarded)
def the_admin_network_passes(lab):
    lab.equal("ports", lab.admin.reach(*ports(lab)), [True, True])


@check(when=lambda lab: lab.place.guarded and not lab.is_open)
def the_internet_gets_no_connection(lab):
    """Not even a refusal of the proxy, which would be a 403: the packets are dropped."""
    before = len(lab.place.access_log())
    lab.equal("ports", lab.internet.reach(*ports(lab)), [False, False])
    lab.equal("lines of the proxy's log", len(lab.place.access_log()), before)


@check(when=lambda lab: not lab.place.guarded)
def the_internet_gets_one_without_it(lab):
    lab.equal("ports", lab.internet.reach(*ports(lab)), [True, True])


@check(when=lambda lab: lab.place.guarded and lab.is_open)
def the_internet_passes_to_a_site_for_everybody(lab):
    address = lab.internet.fresh()
    reply = lab.internet.ask(lab.front, "/page", address=address)
    lab.equal("status", reply.status, 200)
    lab.hardened("page", reply, lab.front, "/page")
    # Neither the firewall nor Docker's rewriting hides who asks.
    lab.equal("X-Forwarded-For", [v for k, v in reply.seen["headers"] if k == "x-forwarded-for"], [address])
    lab.equal("ports 8443 and 3000", lab.internet.reach(8443, 3000), [False, False])


@check(when=lambda lab: lab.place.guarded and lab.is_open)
def behind_it_the_proxy_tells_who_may_go_where(lab):
    before = len(lab.place.seen())
    for path in ("/admin", "/admin/", "/admin/users?x=1", "/ADMIN/x", "//admin", "/x/../admin", "/%61dmin", "/admin;x", "/admin;x/y"):
        reply = lab.internet.ask(lab.front, path, headers={"X-Forwarded-For": lab.admin.fresh()})
        lab.equal(path, reply.status, 403)
        lab.hardened(f"403 {path}", reply, lab.front, path)
        lab.plain_error(f"403 {path}", reply)
    for path in ("/.;/admin", "/x/..;/admin"):
        lab.equal(path, lab.internet.ask(lab.front, path).status, 400)
    lab.equal("/debug", lab.internet.ask(lab.front, "/debug").status, 404)
    lab.equal("requests at the application", len(lab.place.seen()), before)
    for path in ("/admin", "/admin/users", "/admins"):
        lab.equal(f"admin {path}", lab.admin.ask(lab.front, path).status, 200)
    lab.equal("internet /admins", lab.internet.ask(lab.front, "/admins").status, 200)
