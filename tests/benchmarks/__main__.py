"""`make bench`: what the page, tokenize(), trace() and lessons cost, as ratios to the plainest thing that does it."""

from __future__ import annotations

import sys

from tests.benchmarks import (
    first_page,
    full_size,
    generating,
    masked_lm,
    next_sentence,
    span_corruption,
    tokenizing,
    tracing,
)
from tests.benchmarks.measuring import BusyError, check_idle

MEASURES = (
    ("first page", first_page.measure),
    ("tokenize()", tokenizing.measure),
    ("trace()", tracing.measure),
    ("models of the released sizes", full_size.measure),
    ("masked LM", masked_lm.measure),
    ("next sentence", next_sentence.measure),
    ("generation", generating.measure),
    ("span corruption", span_corruption.measure),
)


def main() -> int:
    """Print every ratio with its goal; 2 where the machine is too busy for a time to mean anything."""
    try:
        for name, measure in MEASURES:
            check_idle()
            sys.stdout.write(f"{name}\n")
            for ratio in measure():
                sys.stdout.write(f"  {ratio}\n")
                sys.stdout.flush()
    except BusyError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
