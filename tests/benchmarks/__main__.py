"""`make bench`: what the page and tokenize() cost, each as a ratio to the plainest thing that does the same."""

from __future__ import annotations

import sys

from tests.benchmarks import first_page, tokenizing
from tests.benchmarks.measuring import BusyError, check_idle


def main() -> int:
    """Print every ratio with its goal; 2 where the machine is too busy for a time to mean anything."""
    try:
        for name, measure in (("first page", first_page.measure), ("tokenize()", tokenizing.measure)):
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
