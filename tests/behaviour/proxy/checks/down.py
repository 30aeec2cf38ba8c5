"""Without the application behind it, the proxy gives a plain error, and recovers by itself."""

from concurrent.futures import ThreadPoolExecutor

from ledger import check


@check(families=(4,))
def a_stopped_application_is_a_plain_502(lab):
    lab.place.upstream(False)
    try:
        asked = ((lab.manager, "/page"), (lab.manager, "/api/config"), (lab.api, "/players"))
        # All at once: a proxy waits some seconds for who is gone.
        with ThreadPoolExecutor(len(asked)) as pool:
            replies = list(pool.map(lambda it: lab.admin.ask(*it), asked))
        for (site, path), reply in zip(asked, replies):
            lab.one_of(f"{site.host}{path}", reply.status, (502, 504))
            lab.hardened(f"{reply.status} {path}", reply, site, path)
            lab.plain_error(f"{reply.status} {path}", reply)
        if lab.is_open:
            lab.equal("still refused", lab.internet.ask(lab.manager, "/page").status, 403)
        lab.equal("still asked", lab.admin.ask(lab.manager, "/page", password=False).status, 401)
        lab.equal("still blocked", lab.admin.ask(lab.manager, "/setup").status, 404)
    finally:
        lab.place.upstream(True)
    lab.place.wait_for("the application to be found again", lambda: lab.admin.ask(lab.manager, "/page").status == 200)
    lab.equal("back again", lab.admin.ask(lab.manager, "/page").status, 200)
