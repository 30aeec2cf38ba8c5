"""Admin surfaces are for the admin networks."""

from ledger import check

CLAIMS = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X_Forwarded_For")


def is_open(lab):
    return lab.is_open


@check(when=is_open)
def the_internet_is_refused(lab):
    before = len(lab.place.seen())
    for site in lab.want.sites:
        for path in ("/", "/login", "/api/health", "/page?x=1", site.login):
            reply = lab.internet.ask(site, path)
            lab.equal(f"{site.host}{path}", reply.status, 403)
            lab.hardened(f"403 {site.host}{path}", reply, site, path)
            lab.plain_error(f"403 {path}", reply)
        lab.equal("without a password", lab.internet.ask(site, password=False).status, 403)
    lab.equal("requests at the application", len(lab.place.seen()), before)


@check(when=is_open)
def a_claimed_address_changes_nothing(lab):
    inside = lab.admin.fresh()
    for name in CLAIMS:
        value = f'for="{inside}"' if name == "Forwarded" else inside
        lab.equal(name, lab.internet.ask(lab.manager, headers={name: value}).status, 403)
    lab.equal("several", lab.internet.ask(lab.manager, headers={name: inside for name in CLAIMS}).status, 403)


@check()
def the_admin_network_is_let_in(lab):
    for site in lab.want.sites:
        lab.equal(site.host, lab.admin.ask(site, "/page").status, 200)
