"""Every cache of the application, but that of forward passes (views.passes).

Keys are strings; what is cached is never changed, so all sessions share it.
"""

from __future__ import annotations

import streamlit as st

from explainers import (
    embeddings,
    generation,
    masking,
    matmul,
    next_sentence,
    roofline,
    spans,
    tokenization,
)
from explainers.checkpoints import load
from explainers.tokenization import Entry, Kind, LanguageCost, Tokenization, tokenize
from explainers.views.components.visible import drawn_entry


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


@st.cache_resource(max_entries=4, show_spinner=False)
def written_vocabulary(name: str) -> dict[int, str]:
    """Every token of the named checkpoint as it is drawn, by id, where bytes stand among words: B6 as 0xB6."""
    drawn, kinds = drawn_vocabulary(name), vocabulary_kinds(name)
    return {
        id_: " ".join(f"0x{byte}" for byte in text.split()) if kinds[id_] == "byte" else text
        for id_, text in drawn.items()
    }


@st.cache_resource(max_entries=64, show_spinner=False)
def judged(name: str, text: str, pair: str) -> next_sentence.Judgement:
    """What the named BERT says to two texts, and the way there."""
    return next_sentence.judge(load(name), text, pair)


@st.cache_resource(max_entries=64, show_spinner=False)
def next_chances(name: str, pairs: tuple[tuple[str, str], ...]) -> tuple[float, ...]:
    """P(IsNext) of every pair by the named BERT."""
    return next_sentence.chances(load(name), pairs)


@st.cache_resource(max_entries=16, show_spinner=False)
def next_test(
    name: str, text: str, seed: int, most: int, origin: next_sentence.Origin, length: int
) -> next_sentence.MiniTest:
    """The named BERT's answers to a balanced sample of the text."""
    return next_sentence.mini_test(load(name), next_sentence.sample(text, seed, most, origin=origin, length=length))


@st.cache_resource(max_entries=1, show_spinner=False)
def measurable_devices() -> tuple[str, ...]:
    """The devices of this machine that can be measured, the processor first."""
    return roofline.devices()


@st.cache_resource(max_entries=128, show_spinner=False)
def operator_count(network: matmul.Network, load: matmul.Load, mode: matmul.Mode) -> matmul.Count:
    """Every operator of one pass of this network over such a batch, counted."""
    return matmul.count(network, load, mode)
