"""Finds the sentences in the TOML files of assets that readers see, for Babel; assets/locale/babel.cfg names them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO


def extract_messages(
    file: BinaryIO, keywords: object, comment_tags: Sequence[str], options: Mapping[str, str]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Line, function (none), message and comments of each sentence; the signature is that of Babel's extractors.

    options["fields"] lists the keys whose values are read, at any depth; with options["names"] = "tables" the names of
    the tables are messages as well.
    """
    source = file.read().decode("utf-8")
    lines = source.splitlines()
    content = tomllib.loads(source)
    names = list(content) if options.get("names") == "tables" else []
    line = 0
    for message in (*names, *_values(content, set(options.get("fields", "").split()))):
        line = _line_of(message, lines, line)
        yield line, None, message, []


def _values(node: Any, fields: set[str]) -> Iterator[str]:
    """The values under these keys, in the order of the file."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in fields and isinstance(value, str):
                yield value
            else:
                yield from _values(value, fields)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value, fields)


def _line_of(message: str, lines: Sequence[str], after: int) -> int:
    """The first line that holds the message, looked for from the last one found; 1 where it is written with escapes."""
    order = [*range(after, len(lines)), *range(min(after, len(lines)))]
    return next((index + 1 for index in order if message in lines[index]), 1)
