"""Every cache of the application. Keys are strings; what is cached is never changed, so all sessions share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainers import (
    attention,
    embeddings,
    generation,
    knockout,
    masking,
    masks_compared,
    next_sentence,
    spans,
    tokenization,
)
from explainers.attention import ChosenMask
from explainers.checkpoints import load
from explainers.tokenization import Entry, Kind, LanguageCost, Tokenization, tokenize
from explainers.trace import AXES, AttentionKind, HeadParts, Inputs, Trace, trace
from explainers.views.components.visible import drawn_entry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@st.cache_resource(max_entries=64, show_spinner=False)
def tokenized(name: str, text: str, pair: str | None = None) -> Tokenization:
    """The text (and pair) as the named checkpoint cuts it, with the counts and marks that were worked out before."""
    return tokenize(load(name), text, pair)


@st.cache_resource(max_entries=32, show_spinner=False)
def language_costs(name: str) -> tuple[LanguageCost, ...]:
    """What the sample text costs in every language with the named checkpoint."""
    return tokenization.language_costs(load(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def vocabulary(name: str) -> tuple[Entry, ...]:
    """The named checkpoint's whole vocabulary, by id."""
    return tokenization.vocabulary(load(name))


@st.cache_resource(max_entries=64, show_spinner=False)
def span_example(name: str, text: str, removed: tuple[int, ...]) -> spans.Example:
    """The text with these tokens taken out, as the named T5 is trained on it."""
    return spans.example(load(name), text, removed)


@st.cache_resource(max_entries=64, show_spinner=False)
def taught_spans(name: str, text: str, removed: tuple[int, ...]) -> tuple[spans.Step, ...]:
    """How likely the named T5 finds every label, given the ones before it."""
    return spans.taught(load(name), span_example(name, text, removed))


@st.cache_resource(max_entries=64, show_spinner=False)
def written_spans(name: str, text: str, removed: tuple[int, ...], temperature: float, seed: int) -> spans.Writing:
    """What the named T5 writes for these gaps."""
    example = span_example(name, text, removed)
    limit = min(2 * len(example.labels) + 8, spans.LONGEST)
    return spans.write(load(name), [example.encoder.tolist()], limit=limit, temperature=temperature, seed=seed)[0]


@st.cache_resource(max_entries=64, show_spinner=False)
def gap_lengths(name: str, text: str, start: int) -> tuple[spans.GapLength, ...]:
    """What the named T5 writes when one gap of several lengths begins at this token."""
    return spans.gap_lengths(load(name), text, start)


@st.cache_resource(max_entries=32, show_spinner=False)
def answered(name: str, text: str) -> str:
    """What the named T5 writes for a text with a task's prefix."""
    return spans.answer(load(name), text)


@st.cache_resource(max_entries=16, show_spinner=False)
def input_sum(name: str, text: str, pair: str | None) -> embeddings.InputSum:
    """What the named checkpoint's first layer gets, and the parts that it is the sum of."""
    return embeddings.input_sum(load(name), text, pair)


@st.cache_resource(max_entries=8, show_spinner=False)
def position_codes(name: str) -> embeddings.PositionCodes | None:
    """The named checkpoint's learned positions beside sinusoids; None in T5."""
    return embeddings.position_codes(load(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def position_biases(name: str) -> tuple[embeddings.PositionBias, ...]:
    """The named T5's bias for every distance, of its encoder and of its decoder; nothing in other families."""
    biases = [embeddings.position_bias(load(name), stack) for stack in ("encoder", "decoder")]
    return tuple(bias for bias in biases if bias is not None)


@st.cache_resource(max_entries=8, show_spinner=False)
def token_table(name: str) -> embeddings.TokenTable:
    """The named checkpoint's token embeddings."""
    return embeddings.token_table(load(name))


@st.cache_resource(max_entries=256, show_spinner=False)
def token_neighbours(name: str, id_: int) -> embeddings.Neighbours:
    """The tokens nearest to this one in the named checkpoint's vocabulary."""
    return embeddings.neighbours(token_table(name), id_)


@st.cache_resource(max_entries=8, show_spinner=False)
def vocabulary_map(name: str) -> embeddings.Projection:
    """All token embeddings of the named checkpoint, seen along their two main directions."""
    return embeddings.principal_components(token_table(name).vectors)


@st.cache_resource(max_entries=8, show_spinner=False)
def two_contexts(name: str, first: str, second: str) -> embeddings.Contexts:
    """Both texts, each read by itself, with the hidden states of all layers."""
    return embeddings.contexts(load(name), first, second)


@st.cache_resource(max_entries=8, show_spinner=False)
def drawn_vocabulary(name: str) -> dict[int, str]:
    """Every token of the named checkpoint as it is drawn, by id."""
    family = load(name).family
    return {entry.id: drawn_entry(entry, family) for entry in vocabulary(name)}


@st.cache_resource(max_entries=64, show_spinner=False)
def masked_predictions(
    name: str, text: str, pair: str | None, ids: tuple[int, ...], asked: tuple[int, ...]
) -> masking.Predictions:
    """What the named BERT says at these tokens of the text when it reads these ids instead."""
    return masking.predict(load(name), tokenized(name, text, pair), ids, asked)


@st.cache_resource(max_entries=64, show_spinner=False)
def fate_counts(ordinary: tuple[bool, ...], recipe: masking.Recipe, token_draws: int, seed: int) -> masking.FateCounts:
    """The fates of so many tokens of a text whose ordinary tokens stand there."""
    return masking.count_fates(ordinary, recipe, token_draws, seed)


@st.cache_resource(max_entries=4, show_spinner=False)
def generation_memory(name: str) -> generation.KeyValueMemory:
    """What the named GPT-2 knows of the texts that it read last; it guards itself, and all sessions share it."""
    return generation.KeyValueMemory(load(name))


@st.cache_resource(max_entries=128, show_spinner=False)
def continuation(
    name: str, ids: tuple[int, ...], scheme: generation.Scheme, seed: int, count: int
) -> generation.Continuation:
    """What the named GPT-2 writes after these ids."""
    return generation.write(generation_memory(name), ids, scheme, seed, count)


@st.cache_resource(max_entries=32, show_spinner=False)
def beam_tree(name: str, ids: tuple[int, ...], beams: int, rounds: int) -> generation.BeamTree:
    """The tree of the named GPT-2's beam search after these ids."""
    return generation.beam_search(generation_memory(name), ids, beams, rounds)


@st.cache_resource(max_entries=32, show_spinner=False)
def surprise(name: str, ids: tuple[int, ...]) -> generation.Surprise:
    """How surprised the named GPT-2 is by these ids."""
    memory = generation_memory(name)
    return generation.surprise(memory, memory.read(ids))


@st.cache_resource(max_entries=8, show_spinner=False)
def vocabulary_kinds(name: str) -> dict[int, Kind]:
    """The kind of every token of the named checkpoint, by id."""
    return {entry.id: entry.kind for entry in vocabulary(name)}


@st.cache_resource(max_entries=64, show_spinner=False)
def judged(name: str, text: str, pair: str) -> next_sentence.Judgement:
    """What the named BERT says to two texts, and the way there."""
    return next_sentence.judge(load(name), text, pair)


@st.cache_resource(max_entries=64, show_spinner=False)
def next_chances(name: str, pairs: tuple[tuple[str, str], ...]) -> tuple[float, ...]:
    """P(IsNext) of every pair by the named BERT."""
    return next_sentence.chances(load(name), pairs)


@st.cache_resource(max_entries=16, show_spinner=False)
def next_test(name: str, text: str, seed: int) -> next_sentence.MiniTest:
    """The named BERT's answers to a balanced sample of the text."""
    return next_sentence.mini_test(load(name), next_sentence.sample(text, seed))


@st.cache_resource(max_entries=4, show_spinner=False)
def attention_trace(name: str, text: str, pair: str | None, target: str | None) -> Trace:
    """One pass of the named checkpoint with all its attention weights, in half precision."""
    return trace(load(name), text, pair, target=target, keep=("attentions",), precision="float16")


@st.cache_resource(max_entries=16, show_spinner=False)
def head_thumbnails(
    name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> attention.Thumbnails:
    """All heads of one kind as small pictures."""
    return attention.thumbnails(attention_trace(name, text, pair, target).attentions[kind])


@st.cache_resource(max_entries=16, show_spinner=False)
def head_measures(
    name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind
) -> attention.HeadMeasures:
    """What all heads of one kind do on this text, in numbers."""
    return attention.measures_of(load(name), attention_trace(name, text, pair, target), kind)


@st.cache_resource(max_entries=8, show_spinner=False)
def head_parts(
    name: str, text: str, pair: str | None, target: str | None, kind: AttentionKind, layer: int
) -> HeadParts | None:
    """Queries, keys, values, scores and weights of all heads of one layer."""
    return trace(load(name), text, pair, target=target, keep=("heads",), layer=(kind, layer)).heads


@st.cache_resource(max_entries=64, show_spinner=False)
def knocked_out(
    name: str, text: str, pair: str | None, target: str | None, at: int, heads: tuple[knockout.HeadPlace, ...]
) -> knockout.Effect:
    """What becomes of the prediction at one place without these heads."""
    return knockout.knock_out(load(name), text, pair, target, at, heads)


@st.cache_resource(max_entries=16, show_spinner=False)
def every_head_out(
    name: str, text: str, pair: str | None, target: str | None, at: int, kind: AttentionKind
) -> tuple[tuple[float, ...], ...]:
    """By what factor the probability at one place changes without each single head, by layer and head."""
    return tuple(map(tuple, knockout.every_head(load(name), text, pair, target, at, kind).tolist()))


@st.cache_resource(max_entries=64, show_spinner=False)
def masked_head(
    name: str, inputs: Inputs, kind: AttentionKind, layer: int, head: int, mask: ChosenMask
) -> masks_compared.HeadScores:
    """One head of the named model under this mask."""
    return masks_compared.head_scores(load(name), inputs, kind, layer, head, _masks(inputs, kind, mask))


@st.cache_resource(max_entries=128, show_spinner=False)
def mask_answers(
    name: str, question: masks_compared.Question, kind: AttentionKind, mask: ChosenMask
) -> masks_compared.Answers:
    """The losses of the named model under this mask."""
    return masks_compared.answers(load(name), question, _masks(question.inputs, kind, mask))


@st.cache_resource(max_entries=256, show_spinner=False)
def mask_prediction(
    name: str, inputs: Inputs, row: int, truth: int | None, kind: AttentionKind, mask: ChosenMask
) -> masks_compared.Prediction:
    """What the named model says at one row under this mask."""
    return masks_compared.predict(load(name), inputs, row, truth, _masks(inputs, kind, mask))


@st.cache_resource(max_entries=64, show_spinner=False)
def mask_leak(name: str, ids: tuple[int, ...], mask: ChosenMask) -> float:
    """How far the named GPT-2's predictions depend on a token that comes after them."""
    return masks_compared.leak(load(name), ids, _masks(Inputs(decoder=ids), "decoder", mask))


@st.cache_resource(max_entries=64, show_spinner=False)
def pad_influence(
    name: str, alone: Inputs, padded: Inputs, kind: AttentionKind, mask: ChosenMask, without: ChosenMask
) -> masks_compared.PadInfluence:
    """What pads change in the named model's vectors of the text, with the padding mask and without."""
    masks = (_masks(padded, kind, each) for each in (mask, without))
    return masks_compared.pad_influence(load(name), alone, padded, *masks)


def _masks(inputs: Inputs, kind: AttentionKind, mask: ChosenMask) -> dict[AttentionKind, NDArray[np.bool_]]:
    queries, keys = (inputs.tokens(stack) for stack in AXES[kind])
    return {kind: mask.array(queries, keys)}
