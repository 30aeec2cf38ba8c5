"""The access log: one JSON line a request, without what must not be there."""

import json

from asking import basic
from ledger import check


def lines(lab):
    return [line for line in lab.place.access_log().splitlines() if line.strip()]


@check()
def a_request_is_logged_with_address_path_and_status(lab):
    address = lab.admin.fresh()
    marker = f"/page/marker-{lab.family}"
    lab.admin.ask(lab.manager, marker + "?token=geheim", address=address, headers={"Cookie": "session=geheim"})
    lab.place.wait_for("the log line", lambda: any(marker in line for line in lines(lab)))
    found = [line for line in lines(lab) if marker in line]
    lab.equal("lines", len(found), 1)
    values = list(flat(json.loads(found[0])))
    lab.holds("address", any(str(value).startswith(address) for value in values), found[0])
    lab.holds("status", 200 in values, found[0])
    lab.holds("method", "GET" in values, found[0])
    lab.holds("user", lab.manager.password[0] in values, found[0])
    lab.holds("path without query", marker in values, found[0])


@check()
def every_line_is_json_without_secrets(lab):
    text = lab.place.access_log()
    secrets = [lab.manager.password[1], basic(*lab.manager.password).split()[1], "geheim", "hyos_session=x"]
    for line in lines(lab):
        try:
            json.loads(line)
        except ValueError:
            lab.holds("JSON", False, line)
    for secret in secrets:
        for place, said in (("access log", text), ("messages", lab.place.messages())):
            lab.holds(f"{place} without {secret[:6]}…", secret not in said,
                      next((line for line in said.splitlines() if secret in line), ""))


def flat(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from flat(item)
    else:
        yield value
