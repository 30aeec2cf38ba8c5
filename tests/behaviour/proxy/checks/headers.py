"""Exact headers on every kind of answer."""

from ledger import check


@check()
def pages_have_the_security_headers_once(lab):
    for site in lab.want.sites:
        for method in ("GET", "HEAD", "OPTIONS"):
            reply = lab.admin.ask(site, "/page", method)
            lab.equal(f"{method} {site.host}/page", reply.status, 200)
            lab.hardened(f"{method} {site.host}/page", reply, site, "/page")


@check()
def pages_keep_the_applications_own_caching_and_cookies(lab):
    reply = lab.admin.ask(lab.manager, "/page")
    lab.equal("Cache-Control", reply.all("Cache-Control"), ["s-maxage=31536000"])
    lab.equal("Set-Cookie", reply.all("Set-Cookie"), ["session=abc; Path=/; HttpOnly"])


@check()
def api_answers_stay_out_of_caches_in_every_spelling(lab):
    for (path,) in lab.pairs(lambda _: ("/api/config", "/api/status/500", "/API/config", "//api/config", "/./api/config",
                                        "/%61pi/config", "/api", "/api;x/config", "/api;x")):
        reply = lab.admin.ask(lab.manager, path)
        lab.hardened(path, reply, lab.manager, "/api")
    lab.hardened("api site", lab.admin.ask(lab.api, "/players"), lab.api)


@check()
def answers_beside_the_api_are_not_taken_for_it(lab):
    reply = lab.admin.ask(lab.manager, "/apis")
    lab.equal("Cache-Control", reply.all("Cache-Control"), ["s-maxage=31536000"])


@check()
def the_applications_own_errors_have_them(lab):
    for (status,) in lab.pairs(lambda _: (400, 401, 403, 404, 500, 503)):
        reply = lab.admin.ask(lab.manager, f"/status/{status}")
        lab.equal("status", reply.status, status)
        lab.hardened(f"application's {status}", reply, lab.manager)


@check()
def the_applications_redirects_have_them(lab):
    for status, below in lab.pairs(lambda _: (301, 302, 307, 308), lambda _: ("", "/api")):
        path = f"{below}/status/{status}"
        reply = lab.admin.ask(lab.manager, path)
        lab.equal(path, (reply.status, reply.first("Location")), (status, "/login"))
        lab.hardened(path, reply, lab.manager, path)
