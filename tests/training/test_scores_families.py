"""Each family's scores on tiny random models, against the plainest computation of the same numbers."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from explainers.checkpoints import FAMILIES, Checkpoint, Family
from explainers.masking import corrupt
from explainers.spans import random_spans, span_corruption
from explainers.training.encoded import Encoded, encode
from explainers.training.scores import Most, ScoreError, baselines, bert, gpt2, next_sentences, scores, t5
from explainers.training.scores.tokens import byte_sizes
from explainers.training.scores.windows import windows
from tests import small_models

SENTENCES = ["The dog saw a cat.", "It ran home to sleep.", "A dog ran to the bank.", "And it saw the cat sleep."]
DOCUMENTS = [" ".join(SENTENCES[at % 4 :] + SENTENCES[: at % 4] * (1 + at % 3)) for at in range(12)]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[Family, Checkpoint]:
    folder = tmp_path_factory.mktemp("tiny")
    return {family: small_models.checkpoint(folder / family, family) for family in FAMILIES}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n\n".join(DOCUMENTS), encoding="utf-8")
    return path


def encoded(checkpoint: Checkpoint, file: Path) -> Encoded:
    return encode(checkpoint.family, checkpoint.tokenizer, file, held_out=None)


def logits(checkpoint: Checkpoint, **inputs: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        out = checkpoint.model(**{name: torch.tensor([ids]) for name, ids in inputs.items()})
    found: torch.Tensor = (out.prediction_logits if checkpoint.family == "bert" else out.logits)[0]
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_scores_beside_baselines(
    family: Family, tiny: dict[Family, Checkpoint], file: Path
) -> None:
    checkpoint = tiny[family]
    text = encoded(checkpoint, file)
    counted = baselines(checkpoint, [text])
    found = scores(checkpoint, {"one": text}, counted, nearby=True)
    assert found == scores(checkpoint, {"one": text}, counted, nearby=True)
    assert len({score.key for score in found}) == len(found)
    for score in found:
        assert score.low <= score.value <= score.high
        assert score.samples > 0
        if score.key != "next_sentence":
            assert set(score.baselines) == {"unigram", "trigram"}
    # Trigrams that were counted in the very text beat a random model.
    first = found[0]
    better = first.baselines["trigram"].value - first.value
    assert better > 0 if first.share else better < 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_of_a_word_is_refused(family: Family, tiny: dict[Family, Checkpoint], tmp_path: Path) -> None:
    (tmp_path / "word.txt").write_text("dog", encoding="utf-8")
    with pytest.raises(ScoreError, match="too short"):
        scores(tiny[family], {"word": encoded(tiny[family], tmp_path / "word.txt")})


def test_berts_masked_tokens_are_those_of_one_window_after_the_other(
    tiny: dict[Family, Checkpoint], file: Path
) -> None:
    checkpoint = tiny["bert"]
    picked = list(windows([encoded(checkpoint, file)], bert.size(checkpoint)))
    specials = bert.Specials.of(checkpoint)
    assert specials.ordinary.tolist() == list(range(5, checkpoint.tokenizer.get_vocab_size()))
    ranks = []
    for number, window in enumerate(picked):
        draw = corrupt(
            window.ids, window.ids >= 5, np.random.default_rng([3, number]), mask_id=specials.mask,
            replacements=specials.ordinary,
        )  # fmt: skip
        cut = bert.middle(window)
        assert cut in window.cuts
        ids = [2, *draw.ids[:cut], 3, *draw.ids[cut:], 3]
        types = [0] * (cut + 2) + [1] * (len(ids) - cut - 2)
        said = logits(checkpoint, input_ids=ids, token_type_ids=types)
        for place in np.flatnonzero(draw.chosen):
            row = said[1 + place + (place >= cut)]
            ranks.append(int((row > row[window.ids[place]]).sum()))
    with torch.inference_mode():
        top1, top5 = bert.masked(checkpoint, picked, None, 3)
    assert top1.samples == top5.samples == len(ranks) > 20
    assert top1.value == pytest.approx(np.mean(np.array(ranks) < 1))
    assert top5.value == pytest.approx(np.mean(np.array(ranks) < 5))


def test_pseudo_perplexity_masks_each_token_in_turn(tiny: dict[Family, Checkpoint], file: Path) -> None:
    checkpoint = tiny["bert"]
    text = encoded(checkpoint, file)
    nats = []
    for number in (0, (len(text.units) - 1) // 2):
        sentence = text.ids[text.units[number] : text.units[number + 1]].tolist()
        for place, right in enumerate(sentence):
            masked = [*sentence[:place], 4, *sentence[place + 1 :]]
            said = logits(checkpoint, input_ids=[2, *masked, 3])[1 + place]
            if right > 4:
                nats.append(-float(said.log_softmax(0)[right]))
    with torch.inference_mode():
        (found,) = bert.pseudo_perplexity(checkpoint, [text], None, 2)
    assert found.samples == len(nats)
    assert found.value == pytest.approx(math.exp(np.mean(nats)), rel=1e-4)


def test_a_head_that_always_says_the_same_is_right_half_of_the_time(file: Path, tmp_path: Path) -> None:
    checkpoint = small_models.checkpoint(tmp_path, "bert")
    with torch.no_grad():
        checkpoint.model.cls.seq_relationship.bias[0] = 1e4  # type: ignore[union-attr, operator]
    text = encoded(checkpoint, file)
    with torch.inference_mode():
        alone = next_sentences.next_sentence(checkpoint, [text], 30, 0)
        both = next_sentences.next_sentence(checkpoint, [text, text], 30, 0)
    assert [(score.key, score.value, score.samples) for score in alone] == [("next_sentence", 0.5, 60)]
    assert [score.key for score in both] == ["next_sentence", "next_sentence_mixed"]
    assert {score.value for score in both} == {0.5}


def test_false_next_sentences_come_from_another_document_and_from_nearby_where_asked(
    tiny: dict[Family, Checkpoint], file: Path
) -> None:
    text = encoded(tiny["bert"], file)
    documents = next_sentences._places(0, text)
    assert len(documents) == 12
    rng = np.random.default_rng(0)
    for nearby, distances in ((False, set(range(1, 12))), (True, {1, 2, 3})):
        found = set()
        for place in [place for document in documents for place in document] * 20:
            other = next_sentences._same_source(place, documents, rng, nearby=nearby)
            assert other.start < other.at < other.end
            found.add(abs(other.document - place.document))
        assert found == distances


def test_one_document_has_no_false_next_sentence(tiny: dict[Family, Checkpoint], tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(" ".join(SENTENCES * 4), encoding="utf-8")
    found = scores(tiny["bert"], {"one": encoded(tiny["bert"], tmp_path / "one.txt")})
    assert [score.key for score in found] == ["masked_top1", "masked_top5", "pseudo_perplexity"]


def test_bits_per_byte_equal_a_direct_computation(tiny: dict[Family, Checkpoint], file: Path) -> None:
    checkpoint = tiny["gpt2"]
    text = encoded(checkpoint, file)
    end = checkpoint.tokenizer.token_to_id("<|endoftext|>")
    stream = [end, *text.ids.tolist()]
    assert byte_sizes(checkpoint)[stream].sum() == text.bytes == sum(len(document) for document in DOCUMENTS)
    nats, hits, count = 0.0, 0, 0
    for window in gpt2.strides(len(stream), 29):
        said = logits(checkpoint, input_ids=stream[window.start : window.end - 1])
        for place in range(window.first, window.end):
            if stream[place] != end:
                row = said[place - 1 - window.start]
                nats -= float(row.log_softmax(0)[stream[place]])
                hits += int(row.argmax()) == stream[place]
                count += 1
    bits, top1, _top5 = scores(checkpoint, {"text": text})
    assert (bits.samples, top1.samples) == (count, count)
    assert bits.value == pytest.approx(nats / math.log(2) / text.bytes, rel=1e-5)
    assert top1.value == pytest.approx(hits / count)


def test_the_bits_of_spans_leave_out_sentinels_and_the_end(tiny: dict[Family, Checkpoint], file: Path) -> None:
    checkpoint = tiny["t5"]
    sizes = byte_sizes(checkpoint)
    first = t5.sentinel_ids(checkpoint)[0]
    picked = list(windows([encoded(checkpoint, file)], 40, t5.SHORTEST))
    sentinels = t5.sentinel_ids(checkpoint)
    nats, size, count = 0.0, 0, 0
    for number, window in enumerate(picked):
        removed = random_spans(len(window.ids), np.random.default_rng([5, number]))
        pair = span_corruption(window.ids, removed, sentinels, 1)
        labels = pair.labels.tolist()
        said = logits(checkpoint, input_ids=pair.inputs.tolist(), decoder_input_ids=[0, *labels[:-1]])
        for row, right in zip(said, labels, strict=True):
            if right != 1 and not first - 100 < right <= first:
                nats -= float(row.log_softmax(0)[right])
                size += int(sizes[right])
                count += 1
    with torch.inference_mode():
        bits, _exact = t5.span_scores(checkpoint, picked, None, 2, 5)
    assert bits.samples == count
    assert bits.value == pytest.approx(nats / math.log(2) / size, rel=1e-5)


def test_a_span_counts_when_all_of_it_is_written(
    tiny: dict[Family, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two spans: the first is written, of the second a token too many."""
    checkpoint = tiny["t5"]
    zero, one = t5.sentinel_ids(checkpoint)[:2]
    ids = np.array([10, 11, 12, 13, 14, 15, 16])
    removed = np.array([0, 1, 1, 0, 1, 0, 0], bool)
    window = t5.Corrupted(np.array([10, zero, 13, one, 15, 16, 1]), np.array([zero, 11, 12, one, 14, 1]), ids, removed)
    assert window.spans == [(1, 3), (4, 5)]
    monkeypatch.setattr(t5, "generated", lambda *_arguments: [[zero, 11, 12, one, 14, 14, 1, 0, 0]])
    assert t5.exact_match(checkpoint, [window], None).value == 0.5


def test_trigrams_write_spans_greedily_when_told_their_length(tiny: dict[Family, Checkpoint]) -> None:
    """The text goes 10 11 12 13 again and again: its spans are written; 20 20 was never seen."""
    ids = np.array([10, 11, 12, 13] * 6)
    source = Encoded(ids.astype(np.uint16), np.array([0, len(ids)]), np.array([0, 1]), len(ids))
    counted = baselines(tiny["t5"], [source])
    removed = np.zeros(24, bool)
    removed[[4, 5, 6, 17]] = True
    wrong = np.where(np.arange(24) == 17, 20, ids)
    window = t5.Corrupted(np.zeros(0, np.int64), np.zeros(0, np.int64), wrong, removed)
    assert t5._greedy_matches(counted, [window]).tolist() == [True, False]


def test_what_a_decoder_wrote_is_cut_at_its_sentinels() -> None:
    assert t5.fills([99, 5, 6, 98, 97, 7, 1, 8], [99, 98, 97], 1) == {0: [5, 6], 1: [], 2: [7]}


def test_greedy_writing_is_greedy(tiny: dict[Family, Checkpoint]) -> None:
    checkpoint = tiny["t5"]
    with torch.inference_mode():
        (written,) = t5.generated(checkpoint, [np.array([5, 6, 7, 1])], 4)
    ids = [0]
    for _step in range(len(written)):
        ids.append(int(logits(checkpoint, input_ids=[5, 6, 7, 1], decoder_input_ids=ids)[-1].argmax()))
        if ids[-1] == 1:
            break
    assert written[: len(ids) - 1] == ids[1:]


def test_samples_are_bounded(tiny: dict[Family, Checkpoint], file: Path) -> None:
    text = encoded(tiny["gpt2"], file)
    all_, few = (scores(tiny["gpt2"], {"text": text}, most=Most(windows=most))[0] for most in (2_000, 4))
    assert few.samples < all_.samples


def test_a_checkpoint_without_a_trained_head_is_refused(tmp_path: Path, file: Path) -> None:
    from safetensors.torch import load_file, save_file

    checkpoint = small_models.checkpoint(tmp_path, "bert")
    weights = load_file(tmp_path / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith("cls.")}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "bert"
    with pytest.raises(ScoreError, match="not trained"):
        scores(Checkpoint("headless", tmp_path), {"text": encoded(checkpoint, file)})
