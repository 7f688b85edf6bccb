"""Gaps: the fixed list, what each family is asked, what counts as a word that fits, generated everyday sentences."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from explainers.checkpoints import Checkpoint, load
from explainers.training.everyday import FOLDER, read
from explainers.training.everyday import Gap as Printed
from explainers.training.everyday.generate import Text
from explainers.training.scores import bert, everyday, gaps, t5
from explainers.training.scores.everyday import everyday_scores
from explainers.training.scores.gaps import Gap, Verdict, everyday_gaps, gap_score, plain, scorable, verdicts
from explainers.training.scores.tokens import token_id
from tests import small_models

DOOR = Gap("She opened the ", " and walked in.", frozenset({"door", "front door", "gate"}))


def test_the_list_has_fifty_sentences_each_with_many_words_that_fit() -> None:
    listed = everyday_gaps()
    assert len({gap.text for gap in listed}) == 50
    assert "She opened the ___ and walked into the room." in [gap.text for gap in listed]
    assert "The birds built a ___ in the tree." in [gap.text for gap in listed]
    for gap in listed:
        assert len(gap.fits) >= 9, gap.text
        assert all(plain(word) == word for word in gap.fits)
        assert gap.left[-1:] in {" ", ""}


def test_gpt2_is_asked_where_two_words_at_most_stand_behind() -> None:
    gpt2, t5_mini = load("gpt2-mini"), load("t5-mini")
    assert sum(scorable(gpt2, gap) for gap in everyday_gaps()) == 30
    assert all(scorable(t5_mini, gap) for gap in everyday_gaps())
    assert scorable(gpt2, Gap("A ", " or two.", frozenset()))
    assert not scorable(gpt2, DOOR)


@pytest.mark.parametrize(
    ("guesses", "fits", "first"),
    [
        (("door",), True, True),
        (("the", "Gate"), True, False),
        (("front door.",), True, True),
        (("##door", "##gate"), False, False),
        (("doors", "doo"), False, False),
        ((), False, False),
    ],
)
def test_a_guess_fits_when_it_is_a_word_of_the_list(guesses: tuple[str, ...], fits: bool, first: bool) -> None:
    verdict = Verdict(DOOR, guesses)
    assert (verdict.fits, verdict.first_fits) == (fits, first)


def test_the_share_of_sentences_has_wilsons_interval() -> None:
    score = gap_score([Verdict(DOOR, ("door",))] * 5 + [Verdict(DOOR, ("sky",))] * 5)
    assert (score.value, score.low, score.high, score.samples) == pytest.approx((0.5, 0.2366, 0.7634, 10), abs=5e-5)


def test_bert_s_guesses_are_the_highest_of_its_vocabulary_at_one_mask(tmp_path: Path) -> None:
    checkpoint = small_models.checkpoint(tmp_path, "bert")
    asked = [Gap("The dog saw a ", ".", frozenset({"cat"})), Gap("A ", " ran home to sleep.", frozenset({"dog"}))]
    found = verdicts(checkpoint, asked)
    ids = checkpoint.tokenizer.encode("The dog saw a [MASK].").ids
    with torch.inference_mode():
        said = checkpoint.model(torch.tensor([ids])).prediction_logits[0, ids.index(4)]
    assert found[0].guesses == tuple(checkpoint.tokenizer.id_to_token(id_) for id_ in said.topk(5).indices.tolist())
    assert [verdict.gap for verdict in found] == asked


def test_words_that_are_not_asked_for_are_taken_out_of_the_guesses(tmp_path: Path) -> None:
    checkpoint = small_models.checkpoint(tmp_path, "bert")
    (plain_one,) = verdicts(checkpoint, [Gap("The dog saw a ", ".", frozenset({"cat"}))])
    word = next(guess for guess in plain_one.guesses if plain(guess))
    (found,) = verdicts(checkpoint, [Gap("The dog saw a ", ".", frozenset({"cat"}), frozenset({plain(word)}))])
    assert found.guesses[:4] == tuple(guess for guess in plain_one.guesses if guess != word)
    assert len(found.guesses) == 5


def test_gpt2_writes_each_guess_to_the_end_of_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = load("gpt2-mini")
    tokenizer = checkpoint.tokenizer
    script = {"the": " ,", "the ": "c", "the c": "a", "the ca": "t", "the cat": " ", "the,": " "}

    def after(_checkpoint: Checkpoint, contexts: Sequence[Sequence[int]]) -> torch.Tensor:
        scores = torch.zeros(len(contexts), tokenizer.get_vocab_size())
        for row, context in enumerate(contexts):
            for place, letter in enumerate(script[tokenizer.decode(list(context)).removeprefix("Look at ")]):
                scores[row, tokenizer.token_to_id("Ġ" if letter == " " else letter)] = 2 - place
        return scores

    monkeypatch.setattr(gaps, "_after", after)
    (found,) = verdicts(checkpoint, [Gap("Look at the ", ".", frozenset({"cat"}))], guesses=2)
    assert found.guesses == ("cat", ",")
    assert found.first_fits


def test_t5_gets_the_sentence_without_the_word_and_its_blank() -> None:
    checkpoint = load("t5-mini")
    sentinel, end = t5.sentinel_ids(checkpoint)[0], token_id(checkpoint, "</s>")
    ids = gaps._with_sentinel(checkpoint, DOOR, sentinel, end).tolist()
    at = ids.index(sentinel)
    whole = checkpoint.tokenizer.encode("She opened the door and walked in.").ids
    assert ids[:at] == whole[:at]
    assert ids[at + 1 :] == whole[len(whole) - (len(ids) - at - 1) :]
    assert checkpoint.tokenizer.decode(ids[:at]) == "She opened the"
    assert checkpoint.tokenizer.decode(ids[at + 1 :]).strip() == "and walked in."


def printed(text: str, word: str, *answers: str) -> tuple[Text, Printed]:
    start = text.index(word)
    gap = Printed(start, start + len(word), "animal", "dog", "home", word, frozenset(answers))
    return Text(text, (gap,), None, ()), gap  # type: ignore[arg-type]


def test_an_article_is_told_and_only_answers_that_a_family_can_give_count() -> None:
    text, gap = printed(
        "My dog lives in a kennel here.", "a kennel", "a kennel", "a house", "an old shed", "a big house"
    )
    asked = {
        name: everyday._asked(load(name), text, gap, alone=False) for name in ("bert-mini", "gpt2-mini", "t5-mini")
    }
    assert {found.text for found in asked.values() if found} == {"My dog lives in a ___ here."}
    fits = {name: found.fits for name, found in asked.items() if found}
    assert fits["t5-mini"] == {"kennel", "house", "big house"}
    assert fits["gpt2-mini"] == {"kennel", "house"}
    assert "big house" not in fits["bert-mini"]
    one = everyday._asked(load("gpt2-mini"), text, gap, alone=True)
    assert one == Gap("My dog lives in a ", " here.", frozenset({"kennel"}), frozenset({"house"}))


def test_gpt2_is_not_asked_at_the_beginning() -> None:
    text, gap = printed("A house is the home of a dog.", "house", "house")
    assert everyday._asked(load("gpt2-mini"), text, gap, alone=False) is None
    assert everyday._asked(load("t5-mini"), text, gap, alone=False)


def test_every_split_of_the_generated_sentences_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose second guess is always an answer."""
    asked: list[list[Gap]] = []

    def know(_checkpoint: Checkpoint, found: list[Gap], _guesses: int) -> list[Verdict]:
        asked.append(found)
        return [Verdict(gap, ("nothing", min(gap.fits))) for gap in found]

    monkeypatch.setattr(everyday, "verdicts", know)
    found = everyday_scores(load("bert-mini"), read(FOLDER), 7)
    assert [(score.key, score.value, score.samples) for score in found] == [
        (f"everyday_{split}_{top}", value, 7)
        for split in ("seen", "new_frames", "new_relations")
        for top, value in (("top1", 0.0), ("top5", 1.0))
    ]
    assert not any(gap.skipped for gap in asked[0] + asked[1])
    assert all(len(gap.fits) == 1 for gap in asked[2])


def test_framing_puts_places_behind_cls_and_the_first_sep() -> None:
    specials = bert.Specials(2, 3, 4, 0, np.arange(5, 9))
    one = bert.framed(np.array([5, 6, 7]), 2, specials, np.array([1, 2]))
    assert one.ids.tolist() == [2, 5, 6, 3, 7, 3]
    assert one.types.tolist() == [0, 0, 0, 0, 1, 1]
    assert one.places.tolist() == [2, 4]
    assert bert.framed(np.array([5, 6]), 0, specials, np.array([1])).ids.tolist() == [2, 5, 6, 3]
