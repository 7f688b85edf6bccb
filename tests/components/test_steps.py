"""The steps of a word as they are sent: they end in the pieces, whatever the word is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from explainers.checkpoints import FAMILIES, load
from explainers.tokenization import TooLong, explain
from explainers.views.components.steps import step_data
from tests.components.samples import FAMILY_EMOJI, MODELS, tokenizations
from tests.strategies import texts


@pytest.mark.parametrize("word", ["unbelievable", "한국", "x", "qzxv"])
def test_wordpiece_data_ends_in_the_pieces(word: str) -> None:
    data = step_data(explain(load("bert-mini"), word))
    kept = [data["units"][start:end] for start, end, found in data["tries"] if found]
    assert data["view"] == "wordpiece"
    if [piece for piece, _hex in data["pieces"]] != ["[UNK]"]:
        assert ["".join(units) for units in kept] == [piece.removeprefix("##") for piece, _hex in data["pieces"]]
    assert len(data["ids"]) == len(data["pieces"])


@pytest.mark.parametrize("word", [" unbelievable", " 한국어", FAMILY_EMOJI, " ", "\n\n", "é"])
def test_bpe_data_merges_bytes_into_the_pieces(word: str) -> None:
    data = step_data(explain(load("gpt2-mini"), word))
    symbols = [(tuple(unit), 1) for unit in data["units"]]
    for merge in data["merges"]:
        at = merge["at"]
        assert [at, merge["rank"]] in [list(candidate) for candidate in merge["candidates"]]
        symbols[at : at + 2] = [(tuple(merge["made"]), symbols[at][1] + symbols[at + 1][1])]
    assert [symbol for symbol, _length in symbols] == [tuple(piece) for piece in data["pieces"]]
    assert sum(length for _symbol, length in symbols) == sum(length for _text, length in data["characters"])
    assert not any("Ġ" in text or "Ã" in text for (text, _hex), _length in symbols)


@pytest.mark.parametrize("word", ["▁unbelievable", "▁한국어", "▁", "▁👍"])
def test_unigram_data_sums_up(word: str) -> None:
    data = json.loads(json.dumps(step_data(explain(load("t5-mini"), word)), allow_nan=False))
    edges = data["edges"]
    for path in (data["best"], data["second"]):
        if path is None:
            continue
        assert path["score"] == pytest.approx(sum(edges["score"][edge] for edge in path["edges"]))
        spans = [(edges["start"][edge], edges["end"][edge]) for edge in path["edges"]]
        assert [start for start, _end in spans] == [0, *(end for _start, end in spans[:-1])]
        assert spans[-1][1] == len(data["units"])
    assert data["scores"][-1] == pytest.approx(data["best"]["score"])


@given(text=texts(4))
@settings(deadline=None, max_examples=25)
def test_the_steps_of_any_word_can_be_sent(text: str) -> None:
    for family, tokenization in zip(FAMILIES, tokenizations(text), strict=True):
        for word in tokenization.words[:5]:
            try:
                data = step_data(explain(load(MODELS[family]), word.text))
            except TooLong:
                continue
            assert json.dumps(data, allow_nan=False)
            assert len(data["pieces"]) == len(data["ids"])
