"""What the application is told about the client."""

from ledger import check

SPOOFED = {
    "X-Forwarded-For": "192.0.2.1, 192.0.2.2",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "6666",
    "X-Forwarded-Server": "evil.example",
    "X-Real-IP": "192.0.2.3",
    "Forwarded": "for=192.0.2.4;host=evil.example;proto=gopher",
    "Proxy": "http://evil.example:6666",
    # What only a proxy may say and ours do not.
    "X-Client-IP": "192.0.2.7",
    "True-Client-IP": "192.0.2.8",
    "CF-Connecting-IP": "192.0.2.9",
    "X-Cluster-Client-IP": "192.0.2.10",
    "X-Original-URL": "/evil.example",
    "X-Rewrite-URL": "/evil.example",
    "X-HTTP-Method-Override": "EVIL.EXAMPLE",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Forwarded-Uri": "/evil.example",
    "Front-End-Https": "evil.example",
    "Remote-User": "evil.example",
    "X-WEBAUTH-USER": "evil.example",
    "X-authentik-username": "evil.example",
    "X-Auth-Request-User": "evil.example",
    # What CGI and its heirs take for the same names.
    "X_Forwarded_For": "192.0.2.5",
    "X_Forwarded_Host": "evil.example",
    "X_Real_IP": "192.0.2.6",
}
FORGED = ("192.0.2.", "evil.example", "gopher", "6666")


def told(reply, name):
    return [value for key, value in reply.seen["headers"] if key == name]


@check()
def forged_headers_are_replaced(lab):
    for site in lab.want.sites:
        address = lab.admin.fresh()
        authority = site.origin.removeprefix("https://")
        reply = lab.admin.ask(site, "/page", headers=SPOOFED, host=authority, address=address)
        lab.equal("status", reply.status, 200)
        lab.equal("X-Forwarded-For", told(reply, "x-forwarded-for"), [address])
        lab.one_of("X-Real-IP", told(reply, "x-real-ip"), ([], [address]))
        lab.equal("X-Forwarded-Proto", told(reply, "x-forwarded-proto"), ["https"])
        lab.equal("X-Forwarded-Host", told(reply, "x-forwarded-host"), [authority])
        lab.equal("Host", told(reply, "host"), [authority])
        forged = [pair for pair in reply.seen["headers"] if any(word in pair[1].lower() for word in FORGED)]
        lab.equal("forged values that got through", forged, [])


@check()
def the_name_is_the_sites_however_it_was_asked(lab):
    authority = lab.manager.origin.removeprefix("https://")
    for host in (lab.manager.host.upper(), f"{lab.manager.host}:1234"):
        reply = lab.admin.ask(lab.manager, "/page", host=host)
        for name in ("host", "x-forwarded-host"):
            lab.equal(f"{name} for {host}", told(reply, name), [authority])


@check()
def methods_that_do_not_exist_are_refused(lab):
    before = len(lab.place.seen())
    for method in ("TRACE", "FOOBAR"):
        lab.equal(method, lab.admin.ask(lab.manager, "/page", method).status, 405)
    lab.equal("requests at the application", len(lab.place.seen()), before)


@check()
def every_repetition_is_replaced(lab):
    address = lab.admin.fresh()
    # A second line of the same name, in other letters.
    headers = {"X-Forwarded-For": "192.0.2.1", "x-forwarded-for": "192.0.2.2", "X-FORWARDED-FOR": "192.0.2.3"}
    reply = lab.admin.ask(lab.manager, "/page", headers=headers, address=address)
    lab.equal("X-Forwarded-For", told(reply, "x-forwarded-for"), [address])


@check()
def naming_a_header_in_connection_does_not_remove_ours(lab):
    address = lab.admin.fresh()
    headers = {"Connection": "close, X-Forwarded-For, X-Real-IP, X-Forwarded-Proto", "X-Forwarded-For": "192.0.2.1"}
    reply = lab.admin.ask(lab.manager, "/page", headers=headers, address=address)
    lab.equal("X-Forwarded-For", told(reply, "x-forwarded-for"), [address])


@check()
def query_and_path_arrive_as_sent(lab):
    for path in ("/page?q=1&r=%2F", "/a%20b/c", "/page?x=../..", "/api/x?setup=/setup"):
        lab.equal(path, lab.admin.ask(lab.manager, path).seen["path"], path)
