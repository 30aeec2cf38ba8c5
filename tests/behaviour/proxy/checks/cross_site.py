"""Writes that the page of another site asks for."""

from ledger import check


def claims(site):
    """Headers of a browser, and whether the write is of this site."""
    yield {}, True
    yield {"Origin": site.origin, "Sec-Fetch-Site": "same-origin"}, True
    yield {"Origin": site.origin}, True
    yield {"Sec-Fetch-Site": "same-origin"}, True
    yield {"Sec-Fetch-Site": "none"}, True
    yield {"Sec-Fetch-Site": "cross-site"}, False
    yield {"Sec-Fetch-Site": "cross-site", "Origin": site.origin}, False
    yield {"Origin": "https://evil.example"}, False
    yield {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False
    yield {"Origin": "null"}, False
    yield {"Origin": f"http://{site.host}"}, False
    yield {"Origin": f"{site.origin}.evil.example"}, False
    yield {"Origin": f"https://evil.example/{site.host}"}, False
    yield {"Origin": site.origin.replace("play.", "playx")}, False
    yield {"Origin": f"https://api.{site.host}"}, False
    yield {"Origin": f"https://{site.host}:4443"}, False


@check()
def writes_of_other_sites_are_refused(lab):
    site = lab.manager
    for (headers, own), method in lab.pairs(lambda want: enumerate(claims(want.manager)),
                                            lambda _: ("POST", "PUT", "PATCH", "DELETE")):
        reply = lab.admin.ask(site, "/api/config", method, headers=headers)
        lab.equal(f"{method} {headers}", reply.status, 200 if own else 403)
        if not own:
            lab.hardened(f"403 {method} {headers}", reply, site, "/api/config")
            lab.plain_error(f"403 {headers}", reply)


@check()
def pages_too(lab):
    reply = lab.admin.ask(lab.manager, "/login", "POST", headers={"Sec-Fetch-Site": "cross-site"})
    lab.equal("POST /login", reply.status, 403)
    lab.hardened("403 /login", reply, lab.manager, "/login")


@check()
def links_from_other_sites_work(lab):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    for method in ("GET", "HEAD"):
        lab.equal(method, lab.admin.ask(lab.manager, "/page", method, headers=headers).status, 200)


@check()
def the_api_answers_pages_of_other_origins(lab):
    """It has tokens instead of cookies, and its own list of origins."""
    reply = lab.admin.ask(lab.api, "/players", "POST", headers={"Origin": "https://status.example.com"})
    lab.equal("POST", reply.status, 200)
