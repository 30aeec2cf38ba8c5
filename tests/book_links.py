"""Checks a built book: every link inside it, and every anchor, leads somewhere; nothing is fetched from elsewhere.

    python3 tests/book_links.py target/book
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.anchors.update(filter(None, [said.get("id"), said.get("name") if tag == "a" else None]))
        if tag == "a" and said.get("href"):
            self.links.append(said["href"])
        elif tag in ("img", "script", "link", "iframe") and (said.get("src") or said.get("href")):
            self.loads.append(said.get("src") or said.get("href"))


def main():
    root = Path(sys.argv[1]).resolve()
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in root.rglob("*.html")}
    wrong, seen = [], 0
    for path, page in pages.items():
        # These two stand for others: the first is shown at any address, the second holds all pages at once.
        if path.name in ("404.html", "print.html", "toc.html"):
            continue
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.loads and parts.scheme != "data":
                    wrong.append(f"{path.name} loads {link}")
                continue
            target = path if not parts.path else (path.parent / unquote(parts.path)).resolve()
            seen += 1
            if not target.exists():
                wrong.append(f"{path.relative_to(root)}: {link}: no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                wrong.append(f"{path.relative_to(root)}: {link}: no such anchor")
    print("\n".join(wrong) or f"{seen} of {seen} as expected")
    return 1 if wrong or seen < 100 else 0


sys.exit(main())
