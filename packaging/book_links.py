"""A preprocessor of mdbook: a link to a file outside the book becomes its text and the path in the repository. The page for
browsers is laid into the book, so a link to it stays one.

mdbook hands over [context, book] as JSON and takes the book back; asked `supports RENDERER`, the answer is yes.
"""

import json
import posixpath
import re
import sys

LINK = re.compile(r"\[([^\]\[]+)\]\(([^)\s#:]+)(#[^)\s]*)?\)")

# Where it is in the repository, and in the book.
PAGE = ("browser/page/", "try/")


def rewritten(text, page):
    def one(found):
        at = posixpath.normpath(posixpath.join(posixpath.dirname(page), found[2]))
        if not at.startswith("../"):
            return found[0]
        path = at.removeprefix("../")
        if path.startswith(PAGE[0]):
            up = "../" * page.count("/")
            return f"[{found[1]}]({up}{PAGE[1]}{path.removeprefix(PAGE[0])})"
        return found[1] if found[1] == path else f"{found[1]} (`{path}`)"
    return LINK.sub(one, text)


def chapters(items):
    for item in items:
        chapter = item.get("Chapter") if isinstance(item, dict) else None
        if chapter:
            if chapter["path"]:
                chapter["content"] = rewritten(chapter["content"], chapter["path"])
            chapters(chapter["sub_items"])


if sys.argv[1:2] == ["supports"]:
    sys.exit(0)
_, book = json.load(sys.stdin)
chapters(book.get("items") or book.get("sections"))
json.dump(book, sys.stdout)
