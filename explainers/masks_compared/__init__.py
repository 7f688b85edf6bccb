"""One model under several masks: what it answers, what that costs it, what leaks, and what padding costs.

    question = next_tokens(tokenize(checkpoint, "My dog is hairy").ids)
    answers(checkpoint, question, {"decoder": mask}).mean       # nats a token, under that mask

The weights stay as they were trained; only who may look at whom is changed.
"""

from explainers.masks_compared.answers import (
    Answers,
    Guess,
    Prediction,
    Question,
    after_prefix,
    answers,
    hidden_tokens,
    labelled,
    leak,
    next_tokens,
    passes,
    predict,
)
from explainers.masks_compared.head import HeadScores, head_scores
from explainers.masks_compared.padding import BatchWork, PadInfluence, batch_work, multiply_adds, pad_id, pad_influence

__all__ = [
    "Answers",
    "BatchWork",
    "Guess",
    "HeadScores",
    "PadInfluence",
    "Prediction",
    "Question",
    "after_prefix",
    "answers",
    "batch_work",
    "head_scores",
    "hidden_tokens",
    "labelled",
    "leak",
    "multiply_adds",
    "next_tokens",
    "pad_id",
    "pad_influence",
    "passes",
    "predict",
]
