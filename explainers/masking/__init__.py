"""The masked LM: how BERT's input is corrupted, what the model says at the chosen tokens, and what that costs it.

draw = corrupt(ids, ordinary, rng, mask_id=4, replacements=...)      # which tokens, and what becomes of them
predict(checkpoint, tokenization, draw.ids, chosen).mean_loss        # what training would see, in nats
"""

from explainers.masking.corruption import (
    MASKED_SHARE,
    RANDOM_SHARE,
    RATE,
    Corruption,
    Fate,
    Recipe,
    chosen_count,
    corrupt,
    corrupt_text,
    masked_by_hand,
    ordinary_tokens,
    typed_masks,
)
from explainers.masking.counts import FateCounts, FateLine, count_fates, expected_shares
from explainers.masking.output_head import HeadPath, head_path
from explainers.masking.predictions import Guess, Predictions, blind_loss, predict

__all__ = [
    "MASKED_SHARE",
    "RANDOM_SHARE",
    "RATE",
    "Corruption",
    "Fate",
    "FateCounts",
    "FateLine",
    "Guess",
    "HeadPath",
    "Predictions",
    "Recipe",
    "blind_loss",
    "chosen_count",
    "corrupt",
    "corrupt_text",
    "count_fates",
    "expected_shares",
    "head_path",
    "masked_by_hand",
    "ordinary_tokens",
    "predict",
    "typed_masks",
]
