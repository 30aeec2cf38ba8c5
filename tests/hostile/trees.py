"""Reads HTML and Markdown as browsers and GitHub do, and scripts as words: a JSON list with a tree for each file named.

An element is [tag, {attribute: value}, [children]], a text is a text.
"""

import json
import shlex
import subprocess
import sys

import html5lib

EXTENSIONS = [word for name in ("table", "strikethrough", "autolink", "tasklist") for word in ("-e", name)]


def tree(element):
    children = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            children.append(tree(child))
        else:
            children.append(["!comment", {}, [child.text or ""]])
        children.append(child.tail or "")
    return [element.tag, dict(element.attrib), [child for child in children if child != ""]]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    if text.startswith("#!"):
        return shlex.split(text, comments=True)
    if path.endswith(".md"):
        done = subprocess.run(["cmark-gfm", "--unsafe", *EXTENSIONS, path], capture_output=True, check=True)
        text = done.stdout.decode()
    return tree(html5lib.HTMLParser(namespaceHTMLElements=False).parse(text))


json.dump([read(path) for path in sys.argv[1:]], sys.stdout)
