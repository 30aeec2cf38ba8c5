"""Blocked paths, in every spelling an application might understand."""

import re
from urllib.parse import unquote

from ledger import check


def spellings(path):
    """The same path for some decoder or other."""
    first, rest = path[1], path[2:]
    yield from (path, path + "/", path + "?x=1", path + "/step2", path.upper(), path.title(), path + "#f")
    yield from ("/" + path, "//" + path, "/." + path, "/./." + path, "/x/.." + path, "/x/y/../.." + path, path + "//", path + "/.")
    yield from (f"/%{ord(first):02x}{rest}", f"/%{ord(first):02X}{rest}", "".join(f"%{ord(c):02x}" for c in path[1:]).join(["/", ""]))
    yield from ("/%2e" + path, "/x/%2e%2e" + path, "/x/%2E%2E" + path, "/.%2e" + path, "/x/.%2e" + path, "/%2f" + path[1:])
    yield from (path + "%2f", path + "%2fx", "/x%2f..%2f" + path[1:])
    yield from (path.replace("/", "//")[1:], path.replace("/", "/./"), path.replace("/", "%2f")[3:].join(["/", ""]))
    yield from (path + "%00", path + "%00.js", path + "%3f", path + "%23", path + "%5c", path + "\\")
    yield from ("/x\\.." + path.replace("/", "\\"), "/x%5c..%5c" + path[1:], "/%25" + f"{ord(first):02x}{rest}")


def parameters(path):
    """The path with parameters, which Java and .NET cut off each segment before they look at it (RFC 3986, 3.3)."""
    first, *rest = path[1:].split("/")
    yield from (path + ";", path + ";x", path + ";x=1,2;y?z", path + ";/x", path + ";x/", path.upper() + ";X")
    yield from ("/".join(["", f"{first};x", *rest]), "/".join(["", *(f"{part};{part}" for part in (first, *rest))]))
    yield from ("/;" + path, "/;x" + path, "/.;" + path, "/.;x" + path, "/x/..;" + path, "/x/..;y" + path, "/x/%2e%2e;" + path)
    yield from ("/x;y/.." + path, "/;a=b/..;c" + path, path + "%3b", path + "%3Bx", "/x/..%3b" + path, "/%3b" + path)


def written(path):
    """All of them, in an order that is the same for every path."""
    return [*spellings(path), *parameters(path)]


def blocked(want):
    """Each blocked path by its name, with its site and whether what lies below is blocked too."""
    for number, site in enumerate(want.sites):
        for path, below in site.blocked:
            yield f"{number} {path}", (site, path, below)


def meanings(seen):
    """The paths an application may take it for: one that decodes once and takes a backslash for a slash, and one that cuts
    off parameters as well, before or after it decodes."""
    raw = seen.split("?")[0]
    for text in (unquote(raw), unquote(re.sub(";[^/]*", "", raw)), re.sub(";[^/]*", "", unquote(raw))):
        parts = []
        for part in text.replace("\\", "/").split("\0")[0].lower().split("/"):
            if part == "..":
                parts[-1:] = []
            elif part not in ("", "."):
                parts.append(part)
        yield "/" + "/".join(parts)


def same(seen, path, below):
    """Whether some application would take it for the path, or for one below it."""
    return any(taken == path or (below and taken.startswith(path + "/")) for taken in meanings(seen))


@check()
def blocked_paths_answer_404(lab):
    for (site, path, _), method in lab.pairs(blocked, lambda _: ("GET", "POST", "HEAD", "PUT")):
        reply = lab.admin.ask(site, path, method)
        lab.equal(f"{method} {path}", reply.status, 404)
        lab.hardened(f"404 {path}", reply, site, path)
        lab.plain_error(f"404 {path}", reply)


@check(families=(4,))
def no_spelling_reaches_the_application(lab):
    for (site, path, below), number in lab.pairs(blocked, lambda _: range(len(written("/x"))), families=(4,)):
        spelling = written(path)[number]
        reply = lab.admin.ask(site, spelling)
        reached = reply.seen["path"]
        lab.holds(f"{spelling}", reached is None or not same(reached, path, below), f"the application saw {reached!r}")
        if reached is None:
            lab.one_of(f"{spelling}: status", reply.status, (400, 404, "closed"))
            if reply.status == 404:
                lab.hardened(f"404 {spelling}", reply, site, "/api" if "api" in path else path)


@check()
def neighbours_stay_open(lab):
    for (path,) in lab.pairs(lambda _: ("/setups", "/statistics", "/api/debugger", "/api/auth/setups", "/x/setup", "/page/%C3%BC",
                                        "/a%20b", "/page;v=1", "/a;b/c;d", "/setups;x")):
        reply = lab.admin.ask(lab.manager, path)
        lab.equal(path, (reply.status, reply.seen["path"]), (200, path))


@check(families=(4,))
def no_path_takes_a_server_long(lab):
    # As long as a request line may be; a search that tries again from each slash ends with 500 long before.
    for (part,) in lab.pairs(lambda _: ("%2f", "%2fa", "%2f..a", "/..;a"), families=(4,)):
        path = "/" + part * (7800 // len(part))
        lab.one_of(f"{part} again and again", lab.admin.ask(lab.manager, path).status, (400, 404))
