"""BERT's second task: does the second text follow the first? From [CLS] to the answer, and a small fair test.

    judging     one pair, step by step, and many at once; the tricks
    sampling    true and false pairs from a text
    testing     the answers to such a sample, and how sure its score is

Label 0 means IsNext (Devlin et al. 2019, section 3.1; the order of the logits is the released code's).
"""

from explainers.next_sentence.judging import IS_NEXT, NOT_NEXT, ONE_SIDED, Judgement, chances, judge, one_sided, tricks
from explainers.next_sentence.sampling import (
    FEWEST_SENTENCES,
    MOST_PAIRS,
    Origin,
    Pair,
    SampleError,
    passages,
    sample,
    sentences,
)
from explainers.next_sentence.testing import MiniTest, Score, mini_test

__all__ = [
    "FEWEST_SENTENCES",
    "IS_NEXT",
    "MOST_PAIRS",
    "NOT_NEXT",
    "ONE_SIDED",
    "Judgement",
    "MiniTest",
    "Origin",
    "Pair",
    "SampleError",
    "Score",
    "chances",
    "judge",
    "mini_test",
    "one_sided",
    "passages",
    "sample",
    "sentences",
    "tricks",
]
