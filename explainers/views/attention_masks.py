"""The picture of the masks lesson: which tokens go into which attention, and one head under the chosen mask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explainers import masking, masks_compared, spans
from explainers.attention import ChosenMask
from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.masks_compared import Question
from explainers.tokenization import Tokenization
from explainers.trace import AXES, STACKS, Inputs
from explainers.views import attention_masks_controls as controls
from explainers.views import blocks, cached, passes, saving, waiting
from explainers.views.attention_masks_controls import Setup
from explainers.views.components.maskgrid import MaskedHead, mask_grid
from explainers.views.controls import Choice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_GAPS_SEED = 1  # of the gaps in T5's text


@dataclass(frozen=True)
class Batch:
    """Texts that are computed together, in ids, without their pads.

    rows: what the stack gets that is filled up in the picture. others: what T5's other stack gets.
    """

    rows: tuple[tuple[int, ...], ...]
    others: tuple[tuple[int, ...], ...] = ()

    @property
    def lengths(self) -> tuple[int, ...]:
        """The tokens of every row."""
        return tuple(map(len, self.rows))

    @property
    def pads(self) -> int:
        """How many pads the shorter row gets."""
        return max(self.lengths) - min(self.lengths)


@dataclass(frozen=True)
class Scene:
    """One text in one model under two masks, the model's own and the chosen one.

    question: what the model should say, with the whole text in sight. inputs: what it reads in the picture, where
    BERT's chosen token may be hidden. truth: what it should say at `row`; None where nobody knows.
    batch: what is computed together with it; None where nothing is.
    """

    checkpoint: Checkpoint
    setup: Setup
    tokenization: Tokenization
    question: Question
    inputs: Inputs
    own: ChosenMask
    mask: ChosenMask
    query: int
    row: int
    truth: int | None
    batch: Batch | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """How many queries and keys the picture has."""
        queries, keys = AXES[self.setup.kind]
        return self.inputs.tokens(queries), self.inputs.tokens(keys)

    def needed_bytes(self, *, logit_rows: int = 0) -> int:
        """What one pass over these tokens takes."""
        tokens = sum(self.inputs.tokens(stack) for stack in STACKS[self.setup.family])
        return waiting.needed_bytes(self.checkpoint.name, tokens, logit_rows=logit_rows)

    @property
    def changed(self) -> bool:
        """Whether the chosen mask differs from the model's own anywhere."""
        return bool((self.mask.array(*self.shape) != self.own.array(*self.shape)).any())

    @property
    def leaks(self) -> bool:
        """Whether a row could see a token that it should say, or that comes later, outside the prefix."""
        innocent = ChosenMask("prefix", self.mask.prefix).array(*self.shape)
        return bool((self.mask.array(*self.shape) & ~innocent).any())

    def pieces(self, *, queries: bool) -> tuple[str, ...]:
        """The tokens along one side of the matrices."""
        return tuple(map(self.drawn, self.inputs.ids(AXES[self.setup.kind][0 if queries else 1])))

    def drawn(self, id_: int) -> str:
        """A token as pictures show it."""
        return cached.drawn_vocabulary(self.checkpoint.name).get(id_, "")


def scene(choice: Choice, chosen: Setup) -> Scene | None:
    """What the controls say, put to the text; None where the text has no token."""
    checkpoint = choice.checkpoints[chosen.family]
    own = ChosenMask("causal" if chosen.kind == "decoder" else "all")
    if chosen.preset == "padding":
        return _padded(choice, chosen, checkpoint, own)
    tokenization = cached.tokenized(checkpoint.name, choice.text, choice.pair if chosen.family == "bert" else None)
    if not tokenization.tokens:
        return None
    question = _question(checkpoint, tokenization, choice.text)
    base = {"own": own, "all": ChosenMask("all"), "causal": ChosenMask("causal")}.get(
        chosen.preset, ChosenMask("prefix", chosen.prefix)
    )
    found = Scene(checkpoint, chosen, tokenization, question, question.inputs, own, base, 0, 0, None)
    queries, keys = found.shape
    middle = question.rows[len(question.rows) // 2] if chosen.family == "bert" and question.rows else queries // 2
    query = middle if chosen.query is None or chosen.query >= queries else chosen.query
    wanted = replace(base, flipped=chosen.flipped).array(queries, keys) != base.array(queries, keys)
    flipped = tuple((int(row), int(key)) for row, key in zip(*wanted.nonzero(), strict=True))
    found = replace(found, query=query, mask=replace(base, flipped=flipped))
    return _asked(found)


def _question(checkpoint: Checkpoint, tokenization: Tokenization, text: str) -> Question:
    """What this family was trained to say about a text."""
    if checkpoint.family == "gpt2":
        return masks_compared.next_tokens(tokenization.ids)
    if checkpoint.family == "bert":
        ordinary = masking.ordinary_tokens(tokenization).nonzero()[0].tolist()
        segments = [token.segment for token in tokenization.tokens]
        mask_id = checkpoint.tokenizer.token_to_id("[MASK]")
        return masks_compared.hidden_tokens(tokenization.ids, segments, ordinary, int(mask_id or 0))
    own = sum(token.source is not None for token in tokenization.tokens)
    gaps = cached.span_example(checkpoint.name, text, spans.drawn(own, _GAPS_SEED))
    return masks_compared.labelled(gaps.encoder.tolist(), gaps.decoder.tolist(), gaps.labels.tolist())


def _asked(found: Scene) -> Scene:
    """The scene with what the model is asked at the chosen query, and with BERT's chosen token hidden."""
    question, query, family = found.question, found.query, found.setup.family
    if family == "t5":
        row = query if found.setup.kind != "encoder" else min(1, len(question.rows) - 1)
        return replace(found, row=row, truth=question.truth[row])
    if family == "gpt2":
        return replace(found, row=query, truth=question.truth[query] if query in question.rows else None)
    ids = list(found.inputs.encoder)
    truth = ids[query]
    if found.setup.hide and masking.ordinary_tokens(found.tokenization)[query] and question.hidden is not None:
        ids[query] = question.hidden
    return replace(found, row=query, truth=truth, inputs=replace(found.inputs, encoder=tuple(ids)))


def _padded(choice: Choice, chosen: Setup, checkpoint: Checkpoint, own: ChosenMask) -> Scene | None:
    """The shorter text of the batch, filled up to the length of the longer one.

    The batch is of the two boxes, or one of our own texts where the second is empty; T5's texts have gaps.
    """
    texts = (choice.text, choice.pair if choice.pair and choice.pair.strip() else controls.SHORT)
    both = [cached.tokenized(checkpoint.name, text) for text in texts]
    if not all(text.tokens for text in both):
        return None
    stack = AXES[chosen.kind][1]  # whose tokens are looked at
    if chosen.family == "t5":
        given = [_question(checkpoint, *text).inputs for text in zip(both, texts, strict=True)]
    else:
        given = [Inputs(**{stack: tuple(text.ids)}) for text in both]
    together = Batch(
        tuple(tuple(row.ids(stack)) for row in given),
        tuple(tuple(row.ids("decoder" if stack == "encoder" else "encoder")) for row in given if chosen.family == "t5"),
    )
    at = together.lengths.index(min(together.lengths))
    ids = (*together.rows[at], *[masks_compared.pad_id(checkpoint)] * together.pads)
    inputs = replace(given[at], **{stack: ids})
    queries = inputs.tokens(AXES[chosen.kind][0])
    query = min(2, queries - 1) if chosen.query is None or chosen.query >= queries else chosen.query
    return Scene(
        checkpoint,
        chosen,
        both[at],
        Question(inputs, (), ()),
        inputs,
        own,
        replace(own, pads=together.pads if chosen.pads_masked else 0),
        query,
        query,
        truth=None,
        batch=together,
    )


def picture(shown: Scene) -> bool:
    """Scores, mask and weights of one head, and the steps of the chosen query; whether they are there already."""
    if shown.tokenization.dropped:
        kept = len(shown.tokenization.tokens)
        blocks.show_notice(
            _("{name} reads the first {kept} of {all} tokens.").format(
                name=shown.checkpoint.name, kept=f"{kept:,}", all=f"{kept + shown.tokenization.dropped:,}"
            )
        )
    chosen, name = shown.setup, shown.checkpoint.name
    asked = (name, shown.inputs, chosen.kind, chosen.layer, chosen.head, shown.mask)
    if not waiting.here(passes.masked_head, shown.needed_bytes(), *asked):
        return False
    head = passes.masked_head(*asked)
    drawn = MaskedHead(
        queries=shown.pieces(queries=True),
        keys=shown.pieces(queries=False),
        scores=head.scores,
        bias=head.bias,
        weights=head.weights,
        base=replace(shown.mask, flipped=()).array(*shown.shape),
        flipped=shown.mask.flipped,
        scale=head.scale,
        size=head.size,
    )
    with saving.picture("am_head", partial(_csv, drawn, shown.mask.array(*shown.shape)), name="attention-mask"):
        mask_grid(
            drawn,
            key="am_grid",
            family=chosen.family,
            query=shown.query,
            editable=not shown.batch,
            on_choice=controls.keep,
        )
    st.caption(_caption(shown))
    return True


def _csv(head: MaskedHead, mask: NDArray[np.bool_]) -> str:
    """A line for each pair of a query and a key; mask: as it is now, with the reader's own cells."""
    numbers = {"score": head.scores, "bias": head.bias, "open": mask, "weight": head.weights}
    parts = {name: array.tolist() for name, array in numbers.items() if array is not None}
    return saving.csv_text(
        ("row", "query", "column", "key", *parts),
        (
            (row, query, column, key, *(part[row][column] for part in parts.values()))
            for row, query in enumerate(head.queries)
            for column, key in enumerate(head.keys)
        ),
    )


def _caption(shown: Scene) -> str:
    """What is read here, and what kind of numbers these are."""
    chosen = shown.setup
    where = _("{name}, layer {layer}, head {head}.").format(
        name=blocks.plain(shown.checkpoint.name), layer=chosen.layer, head=chosen.head
    )
    if shown.batch and chosen.kind == "cross":
        return f"{where} " + _(
            "The shorter text of the batch: a row is a token of the decoder, a column is one of the encoder."
        )
    if shown.batch:
        return f"{where} " + _(
            "The shorter text of the batch. The rows of the pads are computed too; nobody reads them."
        )
    if chosen.family == "t5":
        return f"{where} " + _(
            "T5 does not divide by √d: it adds a learned number for the distance to q·k (none in cross-attention). "
            "Some words were taken out of your text, as in its training: the encoder reads it with gaps, the "
            "decoder fills "
            "them (Raffel et al. 2020, sections 2.1 and 3.1.4)."
        )
    formula = _("softmax(q·kᵀ / √d + mask), Vaswani et al. 2017, section 3.2.")
    if chosen.family == "bert" and chosen.hide:
        return f"{where} {formula} " + _("The chosen token is hidden from BERT, so that it has something to guess.")
    return f"{where} {formula}"
