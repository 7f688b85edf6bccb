"""BERT's corruption: which tokens the masked LM must predict, and what each is replaced by (Devlin et al. 2019,
section 3.1).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from explainers.checkpoints import Checkpoint, CheckpointError
from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.tokenization import Tokenization

RATE = 0.15
MASKED_SHARE = 0.8
RANDOM_SHARE = 0.1


class Fate(IntEnum):
    """What happened to a token. All but UNTOUCHED are predicted, and counted in the loss."""

    UNTOUCHED = 0
    MASKED = 1
    RANDOM = 2
    KEPT = 3


@dataclass(frozen=True)
class Recipe:
    """How tokens are chosen and what becomes of them; the defaults are the paper's.

    rate: the share of tokens to choose. masked_share, random_share: of the chosen; the rest is kept. rounded: choose a
    fixed number of them, as the released code does, and not each by a die of its own.
    """

    rate: float = RATE
    masked_share: float = MASKED_SHARE
    random_share: float = RANDOM_SHARE
    rounded: bool = False


@dataclass(frozen=True)
class Corruption:
    """One draw: the ids that the model gets, the fate of each token, and the dice that decided; all of shape (...,
    tokens).
    """

    ids: NDArray[np.int64]
    fate: NDArray[np.int8]
    choice_dice: NDArray[np.float64]
    fate_dice: NDArray[np.float64]

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """The tokens to predict, also those kept or replaced at random."""
        import numpy as np

        return np.asarray(self.fate != Fate.UNTOUCHED)


def corrupt(
    ids: NDArray[np.int64],
    ordinary: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    mask_id: int,
    replacements: NDArray[np.int64],
    rate: float = RATE,
    masked_share: float = MASKED_SHARE,
    random_share: float = RANDOM_SHARE,
    rounded: bool = False,
) -> Corruption:
    """Choose each ordinary token with probability `rate`; of the chosen mask 80 %, replace 10 % at random, keep 10 %.

    ids (..., tokens); ordinary (..., tokens), False at special tokens, which are never chosen; replacements: the ids
    that a random token is drawn from, every one equally likely. rounded: choose the `chosen_count` tokens with the
    lowest dice instead, which is as good as the shuffle of the released code (google-research/bert,
    create_pretraining_data.py).
    """
    import numpy as np

    choice_dice = rng.random(ids.shape)
    fate_dice = rng.random(ids.shape)
    if rounded:
        place = np.argsort(np.argsort(np.where(ordinary, choice_dice, np.inf), axis=-1), axis=-1)
        chosen = ordinary & (place < chosen_count(ids.shape[-1], ordinary.sum(-1, keepdims=True), rate))
    else:
        chosen = ordinary & (choice_dice < rate)
    fate = np.where(
        fate_dice < masked_share, Fate.MASKED, np.where(fate_dice < masked_share + random_share, Fate.RANDOM, Fate.KEPT)
    )
    fate = np.where(chosen, fate, Fate.UNTOUCHED).astype(np.int8)
    drawn = rng.choice(replacements, size=ids.shape)
    corrupted = np.where(fate == Fate.MASKED, mask_id, np.where(fate == Fate.RANDOM, drawn, ids))
    return Corruption(corrupted, fate, choice_dice, fate_dice)


def chosen_count(tokens: int, ordinary: NDArray[np.int64], rate: float = RATE) -> NDArray[np.int64]:
    """How many tokens the released code chooses: `rate` of all tokens, the special ones counted too, rounded; at least
    one, and never more than there are ordinary ones. Its upper limit a sequence, 20 unless it is set, is left out.
    """
    import numpy as np

    return np.minimum(max(1, round(tokens * rate)), ordinary)


def corrupt_text(checkpoint: Checkpoint, tokenization: Tokenization, recipe: Recipe, seed: int) -> Corruption:
    """One draw over the tokens of a text, (tokens,); random tokens are drawn from all but the special ones."""
    import numpy as np

    return corrupt(
        np.array(tokenization.ids, np.int64),
        ordinary_tokens(tokenization),
        np.random.default_rng(seed),
        mask_id=_mask_id(checkpoint),
        replacements=_replacements(checkpoint),
        rate=recipe.rate,
        masked_share=recipe.masked_share,
        random_share=recipe.random_share,
        rounded=recipe.rounded,
    )


def masked_by_hand(checkpoint: Checkpoint, tokenization: Tokenization, at: Collection[int]) -> Corruption:
    """These tokens become [MASK], where they are ordinary; the dice, which nobody threw, are all 0."""
    import numpy as np

    ids = np.array(tokenization.ids, np.int64)
    masked = ordinary_tokens(tokenization) & np.isin(np.arange(len(ids)), list(at))
    fate = np.where(masked, Fate.MASKED, Fate.UNTOUCHED).astype(np.int8)
    return Corruption(np.where(masked, _mask_id(checkpoint), ids), fate, np.zeros(len(ids)), np.zeros(len(ids)))


def ordinary_tokens(tokenization: Tokenization) -> NDArray[np.bool_]:
    """The tokens (tokens,) that may be chosen: all but special ones, typed or not, and [UNK]."""
    import numpy as np

    return np.array([token.kind not in ("special", "unknown") for token in tokenization.tokens], bool)


def typed_masks(checkpoint: Checkpoint, tokenization: Tokenization) -> tuple[int, ...]:
    """Where somebody typed [MASK]: the model predicts there too, but no true token is known."""
    mask = _mask_id(checkpoint)
    return tuple(index for index, token in enumerate(tokenization.tokens) if token.id == mask)


def _mask_id(checkpoint: Checkpoint) -> int:
    number: int | None = checkpoint.tokenizer.token_to_id("[MASK]")
    if number is None:
        raise CheckpointError(_("{name} has no mask token: choose another BERT.").format(name=checkpoint.name))
    return number


def _replacements(checkpoint: Checkpoint) -> NDArray[np.int64]:
    """Every id of the vocabulary but those of special tokens."""
    import numpy as np

    added = checkpoint.tokenizer.get_added_tokens_decoder()
    special = [number for number, token in added.items() if token.special]
    return np.setdiff1d(np.arange(checkpoint.tokenizer.get_vocab_size()), special)
