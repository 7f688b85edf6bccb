"""The sentences that readers see, as Babel finds them."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from explainers.examples import examples
from explainers.extraction import extract_messages

ROOT = Path(__file__).resolve().parents[1]

SOURCE = """
[[example]]
title = "One"
text = "not read"
why = "Because."

[other.place]
why = "Quoted \\"here\\"."
"""


def test_fields_are_found_at_any_depth_with_their_lines() -> None:
    found = list(extract_messages(io.BytesIO(SOURCE.encode()), None, [], {"fields": "title why"}))
    assert [(line, message) for line, _function, message, _comments in found] == [
        (3, "One"),
        (5, "Because."),
        (1, 'Quoted "here".'),
    ]


def test_names_of_tables_can_be_messages() -> None:
    found = extract_messages(io.BytesIO(b"[English]\ntext = 1\n[Korean]\ntext = 2\n"), None, [], {"names": "tables"})
    assert [message for _line, _function, message, _comments in found] == ["English", "Korean"]


def test_the_project_s_own_files_are_covered() -> None:
    with (ROOT / "assets" / "locale" / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    messages = {found[2] for found in extract_from_dir(ROOT, methods, options)}
    assert {example.title for example in examples()} <= messages
    assert {"Copy link", "Second sentence"} <= messages
