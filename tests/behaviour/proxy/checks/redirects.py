"""From HTTP to HTTPS."""

from ledger import check


@check()
def http_goes_to_https_for_everybody(lab):
    for client in lab.clients:
        for site in lab.want.sites:
            reply = client.ask(site, "/a?b=c", plain=True)
            lab.one_of(f"{client.network} GET", reply.status, (301, 308))
            lab.equal(f"{client.network} Location", reply.all("Location"), [f"{site.origin}/a?b=c"])
            # A 301 may turn it into a GET.
            reply = client.ask(site, "/a", "POST", plain=True)
            lab.equal(f"{client.network} POST", (reply.status, reply.first("Location")), (308, f"{site.origin}/a"))


@check()
def the_way_there_has_the_headers_too(lab):
    for site in lab.want.sites:
        reply = lab.admin.ask(site, "/a", plain=True)
        for name, value in site.headers.items():
            # RFC 6797, 7.2: not over plain HTTP.
            wanted = [] if name == "Strict-Transport-Security" else [value]
            lab.equal(name, reply.all(name), wanted)
        lab.one_of("Server", reply.first("Server"), ["nginx"] if lab.kind == "nginx" else [None])
        lab.plain_error("redirect", reply)


@check()
def nothing_else_is_served_without_tls(lab):
    before = len(lab.place.seen())
    for path in ("/setup", "/api/config", "/.well-known/x"):
        lab.one_of(path, lab.admin.ask(lab.manager, path, plain=True).status, (301, 308))
    lab.equal("requests at the application", len(lab.place.seen()), before)
