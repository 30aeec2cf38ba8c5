#!/usr/bin/env python3
"""Counts the images of compose files, and says which are known to Stockade.

    python3 tests/corpus/images.py [--most N] FOLDER...

Each repository counts once a file. `known` is the family of src/images/builtin/ that covers it; the last line says how many of
the services have one. It judges nothing and is no test: it tells which family is worth reading next.
"""

import argparse
import collections
import pathlib
import re

import yaml

from files import documents

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEFAULT = re.compile(r"\$\{[^:}]+:?-([^}]*)\}")


def plain(image):
    """A repository without registry, tag and digest, and its tag."""
    image = DEFAULT.sub(r"\1", image).split("@")[0]
    name, _, tag = image.rpartition(":")
    if not name or "/" in tag:
        name, tag = image, ""
    first, _, rest = name.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        name = rest
    return name.removeprefix("library/"), tag


def families():
    """Families with what their repositories begin with."""
    for path in sorted((ROOT / "src/images/builtin").glob("*.yaml")):
        family = yaml.safe_load(path.read_text())
        yield family["name"], family["images"], family.get("unless", []), family.get("only", [])


def known(all_families, name, tag):
    """The family of a repository, as src/images/find.rs finds it."""
    for family, images, unless, only in all_families:
        covers = any(name.startswith(start) if start.endswith("/") else name == start for start in images)
        if covers and not any(word in tag for word in unless) and (not only or any(word in tag for word in only)):
            return family
    return None


def services(folder):
    """Every image of every compose file below a folder, with the file."""
    for path, document in documents(folder):
        for service in document["services"].values():
            if isinstance(service, dict) and isinstance(service.get("image"), str):
                yield path, service["image"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--most", type=int, default=60, help="how many repositories are listed")
    arguments = parser.parse_args()
    all_families = list(families())
    files, tags, total, covered = collections.defaultdict(set), collections.defaultdict(str), 0, 0
    for folder in arguments.folders:
        for path, image in services(folder):
            name, tag = plain(image)
            files[name].add(path)
            tags[name] = tag
            total += 1
            covered += known(all_families, name, tag) is not None
    for name, found in sorted(files.items(), key=lambda it: (-len(it[1]), it[0]))[: arguments.most]:
        print(f"{len(found):5}  {name:50} {known(all_families, name, tags[name]) or '-'}")
    print(f"{covered} of {total} services have an image of a known family")


if __name__ == "__main__":
    main()
