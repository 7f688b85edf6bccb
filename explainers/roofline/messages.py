"""What a server and its process that measures say to each other, each in a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from explainers import language
from explainers.roofline.conditions import Conditions
from explainers.roofline.export import from_json, point_from, request_from, to_json
from explainers.roofline.requests import Request
from explainers.roofline.results import Result
from explainers.roofline.sweep import Update
from explainers.roofline.visits import with_point


def order(request: Request, earlier: Result | None) -> str:
    """The line that asks for a sweep, or for the rest of an earlier one, in the language of who asks."""
    told = {"request": asdict(request), "earlier": earlier and to_json(earlier), "language": language.current()}
    return json.dumps(told) + "\n"


def order_from(line: str) -> tuple[Request, Result | None, str]:
    """The request, the earlier result and the language of an order."""
    told = json.loads(line)
    earlier = from_json(told["earlier"]) if told["earlier"] else None
    return request_from(told["request"]), earlier, told["language"]


def update_line(update: Update, *, whole: bool) -> dict[str, Any]:
    """What is said about a measurement; whole: with everything so far, else with what is new."""
    result = update.result
    told: dict[str, Any] = {name: getattr(update, name) for name in ("done", "steps", "seconds_left")}
    told |= {name: point and asdict(point) for name, point in (("point", update.point), ("roof", update.roof))}
    if whole:
        return {**told, "result": to_json(result)}
    rest = {"seconds": result.seconds, "complete": result.complete, "refused": result.refused}
    return {**told, "conditions": asdict(result.conditions), **rest}


def update_from(told: Mapping[str, Any], before: Result | None) -> Update:
    """What a line about a measurement says; before: the result that the last one brought."""
    point, roof = (told[name] and point_from(told[name]) for name in ("point", "roof"))
    if "result" in told:
        result = from_json(told["result"])
    else:
        assert before is not None  # noqa: S101 - the first line brings it
        result = replace(
            before,
            points=with_point(with_point(before.points, roof), point),
            conditions=Conditions(**told["conditions"]),
            seconds=told["seconds"],
            complete=told["complete"],
            refused=tuple(told["refused"]),
        )
    return Update(point, told["done"], told["steps"], told["seconds_left"], result, roof)
