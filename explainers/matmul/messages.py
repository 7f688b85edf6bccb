"""What the server and the process that measures tell each other, a line each."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from explainers.checkpoints.design import Design
from explainers.matmul.measuring import Timed, Timing
from explainers.matmul.networks import Load, Network
from explainers.matmul.tally import Mode

STEP = "step"  # `measure` has asked whether to stop
FAILED = "failed"  # this cannot be measured here


def order_line(network: Network, load: Load, mode: Mode) -> str:
    """What to measure, as a line."""
    design = asdict(network.design) if network.design else None
    return json.dumps({"kind": network.kind, "design": design, "load": asdict(load), "mode": mode}) + "\n"


def order_from(line: str) -> tuple[Network, Load, Mode]:
    """The order in a line."""
    told: dict[str, Any] = json.loads(line)
    design = Design(**told["design"]) if told["design"] else None
    return Network(told["kind"], design), Load(**told["load"]), told["mode"]


def timing_line(timed: Timing) -> str:
    """A result, as a line."""
    return json.dumps(asdict(timed)) + "\n"


def timing_from(line: str) -> Timing:
    """The result in a line."""
    told: dict[str, Any] = json.loads(line)
    operators = tuple(Timed(**each) for each in told.pop("operators"))
    return Timing(operators, tuple(told.pop("plain_seconds")), **told)
