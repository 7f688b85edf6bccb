"""What the lessons read from assets: the languages' sample and the published numbers."""

import pytest

from explainers.checkpoints import FAMILIES, load
from explainers.facts import fact
from explainers.figures.languages import language_bars
from explainers.tokenization import LanguageCost, language_costs


@pytest.mark.parametrize("name", ["bert-mini", "gpt2-mini", "t5-mini"])
def test_languages_are_counted_as_the_library_counts_and_unknowns_stand_last(name: str) -> None:
    checkpoint = load(name)
    costs = language_costs(checkpoint)
    assert len(costs) == 12
    for cost in costs:
        encoding = checkpoint.tokenizer.encode(cost.text, add_special_tokens=False)
        assert cost.tokens == len(encoding.ids)
        assert cost.unknowns == encoding.tokens.count("[UNK]")
    ranked = [cost.tokens for cost in costs if not cost.unknowns]
    assert ranked == sorted(ranked)
    assert all(cost.unknowns for cost in costs[len(ranked) :])
    assert costs[0].language == "English"


@pytest.mark.parametrize("dark", [False, True])
def test_bars_hatch_and_do_not_rank_what_is_unknown(dark: bool) -> None:
    rows = (
        LanguageCost("English", "a", 3, 0),
        LanguageCost("French", "b", 5, 0),
        LanguageCost("German", "c", 5, 0),
        LanguageCost("Korean", "d", 6, 0),
        LanguageCost("Hindi", "e", 2, 1),
    )
    bars = language_bars({"bert": rows}, dark=dark).data[0]
    assert list(bars.x) == [3, 5, 5, 6, 2]
    assert list(bars.y) == ["1. English", "2. French", "2. German", "4. Korean", "Hindi"]
    assert list(bars.text) == ["3", "5", "5", "6", "2 (1 unknown)"]
    assert list(bars.marker.pattern.shape) == ["", "", "", "", "/"]


@pytest.mark.parametrize(
    ("family", "topic", "value"),
    [
        ("bert", "vocabulary", "30,522"),
        ("bert", "context", "512"),
        ("gpt2", "vocabulary", "50,257"),
        ("gpt2", "context", "1,024"),
        ("t5", "vocabulary", "32,000"),
        ("t5", "sentinels", "100"),
    ],
)
def test_every_published_number_has_a_source(family: str, topic: str, value: str) -> None:
    found = fact(next(name for name in FAMILIES if name == family), topic)
    assert found.value == value
    assert found.source
    assert found.link.startswith("https://")
