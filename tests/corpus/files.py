"""Reads the compose files below a folder, for the scripts beside this one."""

import pathlib
import sys

import yaml


class Loader(yaml.SafeLoader):
    """Reads tags that it does not know as what they stand before."""


Loader.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None)


def documents(folder):
    """Every compose file below a folder."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix not in (".yml", ".yaml") or not path.is_file():
            continue
        try:
            document = yaml.load(path.read_text(), Loader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            print(f"{path}: not read: {str(error).splitlines()[0]}", file=sys.stderr)
            continue
        if isinstance(document, dict) and isinstance(document.get("services"), dict):
            yield path, document
