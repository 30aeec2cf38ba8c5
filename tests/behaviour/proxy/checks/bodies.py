"""Bodies up to the limit pass whole; one byte more is refused."""

from ledger import check

# Above this, only with a length that is announced: what is measured is the same.
LARGE = 8 << 20


def limits(want):
    """Each limit by its path, with its site; one that differs by case is another one in each."""
    for number, site in enumerate(want.sites):
        for path, limit in site.bodies.items():
            yield f"{number} {path} {limit}", (site, path, limit)


@check()
def the_limit_passes_and_one_byte_more_does_not(lab):
    for (site, path, limit), more in lab.pairs(limits, lambda _: (-1, 0, 1)):
        size, passes = limit + more, more <= 0
        reply = lab.admin.ask(site, path, "POST", body=b"x" * size)
        what = f"{size} bytes to {site.host}{path}, limit {limit}"
        lab.equal(what, reply.status, 200 if passes else 413, reply.reason)
        if passes:
            lab.equal(f"{what}: arrived", reply.seen["body"], size)
        else:
            lab.hardened(f"413 {path}", reply, site, path)
            lab.plain_error(f"413 {path}", reply)


@check()
def a_body_without_an_announced_length_counts_too(lab):
    for (site, path, limit), more in lab.pairs(limits, lambda _: (0, 1)):
        if limit > LARGE:
            continue
        size, passes = limit + more, more <= 0
        reply = lab.admin.ask(site, path, "POST", body=b"x" * size, chunked=True)
        lab.equal(f"{size} chunked bytes to {path}, limit {limit}", reply.status, 200 if passes else 413, reply.reason)


@check()
def no_spelling_of_a_path_takes_more(lab):
    path = next((path for path in lab.manager.bodies if path.startswith("/api/w")), None)
    limit = lab.manager.bodies[path]
    for spelling in (path + "/", path.upper(), "/" + path, "/%61" + path[2:], path + ";x", "/api;x" + path[4:]):
        reply = lab.admin.ask(lab.manager, spelling, "POST", body=b"x" * (max(limit, lab.manager.bodies["/"]) + 1))
        lab.equal(spelling, reply.status, 413)


@check()
def what_was_refused_never_arrived_whole(lab):
    whole = {(seen["port"], seen["path"]): seen["body"] or 0 for seen in lab.place.seen() if seen["method"] == "POST"}
    for site in lab.want.sites:
        for path, limit in site.bodies.items():
            largest = whole.get((site.port, path), 0)
            lab.holds(f"largest body at {path}", largest <= limit, largest)
