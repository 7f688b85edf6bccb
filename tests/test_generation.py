"""Generation against transformers: cuts, greedy and beam search, the cache; dice, surprise and costs by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.checkpoints import Checkpoint, load
from explainers.generation import (
    KeyValueMemory,
    Scheme,
    beam_search,
    cut,
    dice,
    end_of_text,
    kept_bytes,
    layer_lens,
    most_draws,
    pick,
    prompt_of,
    step_costs,
    surprise,
    work,
    write,
)
from explainers.tokenization import tokenize
from explainers.trace import Inputs, Request, run
from tests import small_models

PROMPT = "The old man looked at the"
DRAWS = 100_000
# Written down by hand: the logarithms of 0.4, 0.3, 0.2 and 0.1, out of order.
SHARES = np.array([0.2, 0.4, 0.1, 0.3])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return small_models.checkpoint(tmp_path_factory.mktemp("tiny") / "gpt2", "gpt2")


@pytest.fixture(scope="module")
def mini() -> KeyValueMemory:
    return KeyValueMemory(load("gpt2-mini"))


@pytest.fixture(params=["tiny", "mini"])
def memory(request: pytest.FixtureRequest, tiny: Checkpoint, mini: KeyValueMemory) -> KeyValueMemory:
    return KeyValueMemory(tiny) if request.param == "tiny" else mini


def prompt_ids(memory: KeyValueMemory) -> tuple[int, ...]:
    return tokenize(memory.checkpoint, PROMPT if memory.checkpoint.name == "gpt2-mini" else "the dog saw").ids


def generated(checkpoint: Checkpoint, ids: tuple[int, ...], count: int, **options: Any) -> list[int]:
    """What the library writes after these ids."""
    model: Any = checkpoint.model
    given_ids = torch.tensor([ids])
    written = model.generate(
        given_ids,
        attention_mask=torch.ones_like(given_ids),
        max_new_tokens=count,
        do_sample=False,
        pad_token_id=end_of_text(checkpoint),
        **options,
    )
    return written[0, len(ids) :].tolist()  # type: ignore[no-any-return]


# ------------------------------------------------------------------------------------------------------- the cuts


@pytest.mark.parametrize(
    ("scheme", "after"),
    [
        (Scheme(), [0.4, 0.3, 0.2, 0.1]),
        (Scheme("greedy", temperature=3.0, top_k=4), [1.0]),
        (Scheme(top_k=2), [4 / 7, 3 / 7]),
        (Scheme(top_k=9), [0.4, 0.3, 0.2, 0.1]),
        (Scheme(top_p=0.7), [4 / 7, 3 / 7]),
        (Scheme(top_p=0.71), [4 / 9, 3 / 9, 2 / 9]),
        (Scheme(top_p=0.0), [1.0]),
        (Scheme(top_k=3, top_p=0.5), [4 / 7, 3 / 7]),  # of what top-k left, the first has 4/9: too little
        (Scheme(temperature=0.5), [16 / 30, 9 / 30, 4 / 30, 1 / 30]),
        (Scheme(temperature=0.5, top_k=2), [16 / 25, 9 / 25]),
    ],
)
def test_cuts_by_hand(scheme: Scheme, after: list[float]) -> None:
    found = cut(np.log(SHARES), scheme)
    assert found.order.tolist() == [1, 3, 0, 2]
    assert found.own == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert found.after == pytest.approx(after)
    assert found.kept == len(after)
    assert found.rank(0) == 2
    assert found.share(3) == pytest.approx(after[3] if len(after) > 3 else 0.0)


def test_a_temperature_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        cut(np.log(SHARES), Scheme(temperature=0.0))


def theirs(logits: torch.Tensor, scheme: Scheme) -> torch.Tensor:
    """Probabilities after the library's logits processors, in the order in which generate applies them."""
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    ids = torch.zeros((1, 1), dtype=torch.long)
    scores = TemperatureLogitsWarper(scheme.temperature)(ids, logits[None])
    if scheme.top_k:
        scores = TopKLogitsWarper(scheme.top_k)(ids, scores)
    if scheme.top_p < 1:
        scores = TopPLogitsWarper(scheme.top_p)(ids, scores)
    probabilities: torch.Tensor = scores[0].softmax(dim=-1)
    return probabilities


SCHEMES = st.builds(
    Scheme, st.just("sample"), st.floats(0.1, 2.0), st.sampled_from([0, 1, 2, 5, 50, 10_000]), st.floats(0.01, 1.0)
)


@settings(max_examples=60, deadline=None)
@given(scheme=SCHEMES, seed=st.integers(0, 10_000), vocab=st.integers(1, 300), spread=st.floats(0.1, 8.0))
def test_cuts_are_those_of_the_logits_processors(scheme: Scheme, seed: int, vocab: int, spread: float) -> None:
    # In double precision on both sides: a token exactly on the border of top-p is decided by rounding.
    logits = torch.randn(vocab, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * spread
    expected = theirs(logits, scheme)
    found = cut(logits.numpy(), scheme)
    ours = np.zeros(vocab)
    ours[found.order[: found.kept]] = found.after
    assert ours == pytest.approx(expected.numpy(), abs=1e-9)


@pytest.mark.parametrize(
    "scheme",
    [Scheme(temperature=0.7), Scheme(top_k=40), Scheme(top_p=0.9), Scheme(temperature=1.4, top_k=50, top_p=0.8)],
)
def test_cuts_of_a_model_s_own_logits(mini: KeyValueMemory, scheme: Scheme) -> None:
    logits = mini.logits(mini.read(prompt_ids(mini)))
    found = cut(logits, scheme)
    expected = theirs(torch.from_numpy(logits), scheme).numpy()
    kept = set(found.order[: found.kept].tolist())
    assert kept == set(np.flatnonzero(expected).tolist())
    assert found.after == pytest.approx(expected[found.order[: found.kept]], abs=1e-6)
    assert found.own.sum() == pytest.approx(1)
    assert found.own == pytest.approx(torch.from_numpy(logits).softmax(-1).numpy()[found.order], abs=1e-6)


@pytest.mark.parametrize(
    "scheme",
    [
        Scheme("greedy"),
        Scheme(),
        Scheme(temperature=0.5),
        Scheme(top_k=3),
        Scheme(top_p=0.75),
        Scheme(top_k=3, top_p=0.6),
    ],
)
def test_many_draws_have_the_expected_shares(scheme: Scheme) -> None:
    found = cut(np.log(SHARES), scheme)
    counts = np.bincount([pick(found, die) for die in dice(11, DRAWS)], minlength=len(SHARES))
    for rank, count in enumerate(counts):
        share = found.share(rank)
        assert abs(count / DRAWS - share) <= 4 * math.sqrt(share * (1 - share) / DRAWS)


def test_a_die_falls_on_the_row_whose_stretch_it_is_in() -> None:
    found = cut(np.log(SHARES), Scheme())
    assert [pick(found, die) for die in (0.0, 0.39, 0.41, 0.69, 0.71, 0.95, 1.0)] == [0, 0, 1, 1, 2, 3, 3]


def test_more_dice_begin_with_the_same_ones() -> None:
    assert dice(5, 9)[:4].tolist() == dice(5, 4).tolist()
    assert dice(5, 4).tolist() != dice(6, 4).tolist()


# ------------------------------------------------------------------------------------------------------ the cache


def test_a_reading_has_the_numbers_of_a_full_pass_whatever_was_read_before(memory: KeyValueMemory) -> None:
    ids = [number % memory.checkpoint.sizes.vocab for number in (7, 3, 11, 5, 2, 9, 4, 8)]
    fresh = KeyValueMemory(memory.checkpoint)
    whole = run(memory.checkpoint, Inputs(decoder=ids), Request(("hidden", "logits")))
    for until, reused in ((3, 0), (6, 3), (8, 6), (5, 5), (8, 8)):
        reading = fresh.read(ids[:until])
        assert reading.reused == reused
        assert reading.ids == tuple(ids[:until])
        assert reading.hidden.numpy() == pytest.approx(whole.hidden["decoder"][:, :until], abs=1e-3)
        assert whole.logits is not None
        assert fresh.logits(reading) == pytest.approx(whole.logits[until - 1], abs=1e-4)
    changed = fresh.read([*ids[:4], 0])
    assert changed.reused == 4


def test_the_memory_forgets_the_oldest_once_it_is_full(tiny: Checkpoint) -> None:
    size = KeyValueMemory(tiny).read([1, 2, 3]).bytes
    small = KeyValueMemory(tiny, most_bytes=2 * size)
    for first in (1, 2, 3):
        small.read([first, 4, 5])
    assert small.read([3, 4, 5]).reused == 3
    assert small.read([2, 4, 5]).reused == 3
    assert small.read([1, 4, 5]).reused == 0


def test_the_kept_bytes_are_those_of_the_tensors(memory: KeyValueMemory) -> None:
    reading = KeyValueMemory(memory.checkpoint).read(prompt_ids(memory))
    tensors = (*reading.keys, *reading.values)
    assert sum(tensor.nbytes for tensor in tensors) == kept_bytes(memory.checkpoint.sizes, len(reading.ids))


@pytest.mark.parametrize(("new", "kept"), [(1, 0), (6, 0), (1, 6), (3, 4)])
def test_the_work_is_what_torch_counts(memory: KeyValueMemory, new: int, kept: int) -> None:
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import DynamicCache

    model: Any = memory.checkpoint.model
    cache = DynamicCache()
    counter = FlopCounterMode(display=False)
    with torch.inference_mode():
        if kept:
            model.transformer(torch.arange(kept)[None], cache=cache, use_cache=True)
        with counter:
            hidden = model.transformer(torch.arange(new)[None], cache=cache, use_cache=True)
            model.lm_head(hidden.last_hidden_state[:, -1])
    assert counter.get_total_flops() == work(memory.checkpoint.sizes, new, kept).flops


def test_step_costs_by_hand(tiny: Checkpoint) -> None:
    # 2 layers, 21 wide, 84 in the feed-forward layers: a token's matrices are 4 x 441 + 2 x 21 x 84 = 5,292 a layer.
    sizes = tiny.sizes
    prompt, first, second = step_costs(sizes, 5, 2)
    output = sizes.vocab * 21
    assert prompt.with_cache == prompt.without_cache
    assert prompt.with_cache.total == 2 * (5 * 5_292 + 2 * 25 * 21) + output
    assert (prompt.kept, prompt.added) == (0, 2 * 2 * 5 * 21 * 4)
    assert first.tokens == 6
    assert first.with_cache.total == 2 * (5_292 + 2 * 6 * 21) + output
    assert first.without_cache.total == 2 * (6 * 5_292 + 2 * 36 * 21) + output
    assert (second.kept, second.added) == (2 * 2 * 6 * 21 * 4, 2 * 2 * 21 * 4)
    assert second.saving == second.without_cache.flops / second.with_cache.flops


# ----------------------------------------------------------------------------------------------- greedy, sampling


def test_greedy_is_generate(memory: KeyValueMemory) -> None:
    ids = prompt_ids(memory)
    written = write(memory, ids, Scheme("greedy"), seed=0, count=15)
    assert [draw.id for draw in written.draws] == generated(memory.checkpoint, ids, 15)
    assert all(draw.rank == 1 and draw.after == 1 and draw.die is None for draw in written.draws)


def test_draws_depend_on_the_arguments_alone(mini: KeyValueMemory) -> None:
    ids, scheme = prompt_ids(mini), Scheme(temperature=0.9, top_k=50)
    written = write(mini, ids, scheme, seed=3, count=10)
    assert write(KeyValueMemory(mini.checkpoint), ids, scheme, seed=3, count=4).draws == written.draws[:4]
    assert write(mini, ids, scheme, seed=4, count=10).ids != written.ids
    assert written.ids == (*ids, *(draw.id for draw in written.draws))


def test_a_draw_keeps_its_probability_before_and_after_the_cuts(mini: KeyValueMemory) -> None:
    ids, scheme = prompt_ids(mini), Scheme(temperature=0.8, top_k=20, top_p=0.9)
    written = write(mini, ids, scheme, seed=5, count=6)
    for at, draw in enumerate(written.draws):
        logits = torch.from_numpy(mini.logits(mini.read(written.ids[: len(ids) + at])))
        assert draw.own == pytest.approx(float(logits.softmax(-1)[draw.id]), abs=1e-5)
        assert draw.after == pytest.approx(float(theirs(logits, scheme)[draw.id]), abs=1e-5)
        assert draw.rank == 1 + int((logits > logits[draw.id]).sum())
        assert draw.rank <= draw.kept <= 20


def test_of_a_text_that_leaves_no_room_the_last_tokens_are_kept() -> None:
    checkpoint = load("gpt2-mini")
    text = "Über dogs, " * 400
    ids = checkpoint.tokenizer.encode(text).ids
    found = prompt_of(checkpoint, text)
    assert found.ids == tuple(ids[-(checkpoint.context - 64) :])
    assert found.left_out == len(ids) - len(found.ids)
    assert most_draws(checkpoint, len(found.ids)) > 60
    short = prompt_of(checkpoint, "Über dogs")
    assert short.ids == tokenize(checkpoint, "Über dogs").ids
    assert short.left_out == 0
    assert sum(short.sizes) == len("Über dogs".encode())


def test_a_small_context_is_half_left_to_write_in(tiny: Checkpoint) -> None:
    assert len(prompt_of(tiny, "the dog saw " * 50).ids) == tiny.context - tiny.context // 2


def test_writing_stops_where_the_context_is_full(tiny: Checkpoint) -> None:
    memory = KeyValueMemory(tiny)
    ids = [1] * (tiny.context - 2)
    written = write(memory, ids, Scheme(), seed=1, count=50)
    assert written.full or written.ended
    assert len(written.draws) <= most_draws(tiny, len(ids)) == 3
    full = write(memory, [1] * tiny.context, Scheme("greedy"), seed=1, count=50)
    assert len(full.draws) == 1
    assert full.full


def test_writing_stops_at_the_end_of_the_text(tiny: Checkpoint) -> None:
    end = end_of_text(tiny)
    written = [write(KeyValueMemory(tiny), [2], Scheme(temperature=5.0), seed, 20) for seed in range(40)]
    ended = [each for each in written if each.ended]
    assert ended
    assert all(each.draws[-1].id == end for each in ended)
    assert all(end not in [draw.id for draw in each.draws[:-1]] for each in written)


# ------------------------------------------------------------------------------------------------------------ beam


@pytest.mark.parametrize("beams", [2, 3, 5])
@pytest.mark.parametrize("length", [1, 4, 9])
def test_beam_search_is_generate(memory: KeyValueMemory, beams: int, length: int) -> None:
    ids = prompt_ids(memory)
    tree = beam_search(memory, ids, beams, length)
    assert list(tree.ids) == generated(memory.checkpoint, ids, length, num_beams=beams)


@pytest.mark.parametrize("start", range(12))
def test_beam_search_is_generate_where_texts_end_early(tiny: Checkpoint, start: int) -> None:
    ids = (start, 2 * start + 1, start + 5)
    tree = beam_search(KeyValueMemory(tiny), ids, 3, 12)
    assert list(tree.ids) == generated(tiny, ids, 12, num_beams=3)


def test_one_beam_is_greedy(mini: KeyValueMemory) -> None:
    ids = prompt_ids(mini)
    assert list(beam_search(mini, ids, 1, 8).ids) == [
        draw.id for draw in write(mini, ids, Scheme("greedy"), 0, 8).draws
    ]


def test_the_tree_adds_up(mini: KeyValueMemory) -> None:
    ids, beams, length = prompt_ids(mini), 3, 5
    tree = beam_search(mini, ids, beams, length)
    for at, node in enumerate(tree.nodes):
        path = [tree.nodes[step] for step in tree.path(at)]
        assert [step.round for step in path] == list(range(node.round + 1))
        assert node.total == pytest.approx(sum(step.log_probability for step in path), abs=1e-4)
        assert all(step.fate == "kept" for step in path[:-1])
    for number in range(length):
        fates = [node.fate for node in tree.nodes if node.round == number]
        assert len(fates) == 2 * beams
        assert fates.count("kept") == (beams if number < length - 1 else 0)
    finished = [node for node in tree.nodes if node.fate == "finished"]
    assert max(finished, key=lambda node: node.score) == tree.nodes[tree.best]


# -------------------------------------------------------------------------------------------------- surprise, lens


def test_surprise_is_the_model_s_own_loss(memory: KeyValueMemory) -> None:
    model: Any = memory.checkpoint.model
    ids = (*prompt_ids(memory), *prompt_ids(memory)) * (6 if memory.checkpoint.context > 100 else 1)
    found = surprise(memory, memory.read(ids))
    with torch.inference_mode():
        output = model(torch.tensor([ids]), labels=torch.tensor([ids]))
    assert found.mean * math.log(2) == pytest.approx(float(output.loss), abs=1e-4)
    assert found.perplexity == pytest.approx(math.exp(float(output.loss)), rel=1e-4)
    logits = output.logits[0, :-1]
    true = torch.tensor(ids[1:])
    own = logits.gather(1, true[:, None])
    assert found.rank.tolist() == (1 + (logits > own).sum(-1)).tolist()
    assert found.guess.tolist() == logits.argmax(-1).tolist()
    assert found.guess_probability == pytest.approx(logits.softmax(-1).max(-1).values.numpy(), abs=1e-4)


def test_the_first_token_has_no_surprise(mini: KeyValueMemory) -> None:
    found = surprise(mini, mini.read([5]))
    assert len(found.bits) == 0
    assert math.isnan(found.perplexity)


def test_the_lens_of_the_last_layer_is_the_model_s_prediction(memory: KeyValueMemory) -> None:
    ids = prompt_ids(memory)
    model: Any = memory.checkpoint.model
    reading = memory.read(ids)
    lens = layer_lens(memory, reading, [0, len(ids) - 1], top=3)
    with torch.inference_mode():
        output = model(torch.tensor([ids]), output_hidden_states=True)
        earlier = model.lm_head(model.transformer.ln_f(output.hidden_states[1]))[0, -1].softmax(-1)
    best = output.logits[0, -1].softmax(-1).topk(3)
    assert lens.ids.shape == lens.probabilities.shape == (memory.checkpoint.sizes.decoder_layers + 1, 2, 3)
    assert lens.ids[-1, 1].tolist() == best.indices.tolist()
    assert lens.probabilities[-1, 1] == pytest.approx(best.values.numpy(), abs=1e-4)
    assert lens.final_rank[-1].tolist() == [1, 1]
    assert lens.probabilities[1, 1] == pytest.approx(earlier.topk(3).values.numpy(), abs=1e-4)
    assert lens.final[1, 1] == pytest.approx(float(earlier[best.indices[0]]), abs=1e-5)


def test_two_readers_at_once_get_the_same(tiny: Checkpoint, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    memory = KeyValueMemory(tiny, most_bytes=20_000)
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda seed: write(memory, [1, 2], Scheme(), seed % 3, 8).ids, range(24)))
    assert len(set(texts)) <= 3
