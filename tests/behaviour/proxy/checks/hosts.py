"""Requests for other names."""

from ledger import check

# No answer at all, or one of a few words: 404 of Traefik, 421 of Caddy (RFC 9110, 15.5.20).
NOTHING = ("closed", "refused", 404, 421)


def gets_nothing(lab, what, reply, before):
    lab.one_of(what, reply.status, NOTHING)
    lab.plain_error(what, reply)
    for name in ("Server", "X-Powered-By", "Via", "Set-Cookie"):
        if not (name == "Server" and lab.kind == "caddy" and reply.status == 421):
            lab.one_of(f"{what}: {name}", reply.first(name), ["nginx", None] if lab.kind == "nginx" else [None])
    lab.holds(f"{what}: no name of ours", lab.manager.host not in reply.text + str(reply.headers), reply.headers)
    lab.equal(f"{what}: requests at the application", len(lab.place.seen()), before)


@check()
def an_unknown_host_gets_nothing(lab):
    for client in lab.clients:
        before = len(lab.place.seen())
        for host in ("evil.example", f"x.{lab.manager.host}", f"{lab.manager.host}.evil.example", "127.0.0.1", "localhost"):
            gets_nothing(lab, f"http {host}", client.ask(lab.manager, host=host, plain=True), before)
            gets_nothing(lab, f"https {host}", client.ask(lab.manager, host=host), before)


@check()
def an_unknown_server_name_gets_no_certificate(lab):
    for sni in ("evil.example", None, "localhost"):
        for host in (lab.manager.host, "evil.example"):
            reply = lab.admin.ask(lab.manager, host=host, sni=sni)
            lab.equal(f"SNI {sni}, Host {host}", reply.status, "refused", reply.reason)


@check()
def the_host_of_one_site_does_not_open_another(lab):
    """The api has no password of its own: its connection must not lead to the dashboard."""
    before = len(lab.place.seen())
    reply = lab.admin.ask(lab.api, host=lab.manager.host, sni=lab.api.host)
    lab.one_of("dashboard through the api's TLS", reply.status, (401, 404, 421, "closed", "refused"))
    lab.equal("requests at the application", len(lab.place.seen()), before)


@check()
def a_known_host_is_known_in_capitals_and_with_its_port(lab):
    for host in (lab.manager.host.upper(), f"{lab.manager.host}:{lab.want.https_port}"):
        lab.equal(host, lab.admin.ask(lab.manager, host=host).status, 200)
        lab.equal(f"{host}, blocked", lab.admin.ask(lab.manager, "/setup", host=host).status, 404)
