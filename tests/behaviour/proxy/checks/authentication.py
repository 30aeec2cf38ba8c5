"""The proxy asks for a password before the dashboard is reached."""

from asking import basic
from ledger import check


@check()
def a_password_is_asked_for(lab):
    before = len(lab.place.seen())
    for (path,) in lab.pairs(lambda want: ("/", "/login", "/api/config", "/api/health", "/_next/static/x.js", "/favicon.ico",
                                           want.manager.login)):
        reply = lab.admin.ask(lab.manager, path, password=False)
        lab.equal(path, reply.status, 401)
        lab.holds(f"{path}: Basic", (reply.first("WWW-Authenticate") or "").startswith("Basic realm="), reply.headers)
        lab.hardened(f"401 {path}", reply, lab.manager, path)
        lab.plain_error(f"401 {path}", reply)
    lab.equal("requests at the application", len(lab.place.seen()), before)


@check()
def wrong_ones_are_refused(lab):
    user, password = lab.manager.password
    before = len(lab.place.seen())
    wrong = ((user, "wrong"), (user, ""), ("nobody", password), (user.upper(), password), (user, password[:-1]),
             (user, password + "x"), ("", ""))
    for (number,) in lab.pairs(lambda _: range(len(wrong))):
        lab.equal(f"{wrong[number]}", lab.admin.ask(lab.manager, "/page", password=wrong[number]).status, 401)
    headers = (basic(user, password).replace("Basic", "Bearer"), "Basic", "Basic !!!", "")
    for (number,) in lab.pairs(lambda _: range(len(headers))):
        reply = lab.admin.ask(lab.manager, "/page", headers={"Authorization": headers[number]})
        lab.one_of(f"{headers[number]!r}", reply.status, (400, 401))
    # The application's own cookie counts for nothing here.
    reply = lab.admin.ask(lab.manager, "/page", password=False, headers={"Cookie": "hyos_session=x"})
    lab.equal("a session cookie alone", reply.status, 401)
    lab.equal("requests at the application", len(lab.place.seen()), before)


@check()
def the_right_one_is_let_in_and_not_handed_on(lab):
    for path in ("/page", "/api/config", lab.manager.login):
        reply = lab.admin.ask(lab.manager, path)
        lab.equal(path, reply.status, 200)
        names = [name for name, _ in reply.seen["headers"]]
        lab.holds(f"{path}: no Authorization at the application", "authorization" not in names, names)
        text = str(reply.seen)
        lab.holds(f"{path}: the password nowhere", lab.manager.password[1] not in text, text)


@check()
def the_api_keeps_its_own_credentials(lab):
    reply = lab.admin.ask(lab.api, "/players", headers={"Authorization": "Bearer abc"})
    lab.equal("Authorization", [value for name, value in reply.seen["headers"] if name == "authorization"], ["Bearer abc"])
