"""`make bench`: what the page, tokenize(), trace() and lessons cost, beside the plainest thing that does it."""

from __future__ import annotations

import logging
import sys

from tests.benchmarks import (
    bertviz,
    editing,
    embeddings,
    fine_tuning,
    first_page,
    full_size,
    generating,
    heads,
    masked_lm,
    matmul,
    next_sentence,
    roofline,
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
    ("attention heads, 12 x 12", heads.measure),
    ("BertViz", bertviz.measure),
    ("embeddings", embeddings.measure),
    ("masked LM", masked_lm.measure),
    ("next sentence", next_sentence.measure),
    ("generation", generating.measure),
    ("span corruption", span_corruption.measure),
    ("fine-tuning", fine_tuning.measure),
    ("matrix products", matmul.measure),
    ("roofline", roofline.measure),
    ("an edit of 30 words, on the server", editing.measure),
)


def main() -> int:
    """Print every measurement with its goal; 2 where the machine is too busy for a time to mean anything."""
    # AppTest sets a session's state outside a script, which Streamlit remarks on in the middle of our tables.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True
    try:
        for name, measure in MEASURES:
            check_idle()
            sys.stdout.write(f"{name}\n")
            for line in measure():
                sys.stdout.write(f"  {line}\n")
                sys.stdout.flush()
    except BusyError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
