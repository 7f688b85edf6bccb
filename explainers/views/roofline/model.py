"""A model's own operations under the roofs of this machine: what they promise, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explainers.checkpoints import Family
from explainers.figures.quantities import amount, digits, duration
from explainers.language import _
from explainers.roofline import NumberType, Request, Result, RunState, roofs
from explainers.roofline.compared import ModelGroup, Operation, compared, pass_seconds, promised, same_model
from explainers.roofline.hardware import Hardware, published_hardware
from explainers.views import blocks, saving
from explainers.views.controls import Choice
from explainers.views.roofline import live, settings
from explainers.views.roofline.lesson import chosen_hardware, number_switch
from explainers.views.roofline.machine import dashed_roofs, ending, measured_roofs, quartiles, roofs_alt
from explainers.views.roofline.words import level_name, operation_name, sizes, stack_name

if TYPE_CHECKING:
    from explainers.figures.roof_lines import Dashed, Flat, Slope
    from explainers.figures.roofline import Dot, Series

_STAND_IN = "a100"  # whose roof is shown where this machine has none: its vendor prints all number types
_GROUPS: tuple[ModelGroup, ...] = ("prefill", "decode")


def model(choice: Choice) -> None:
    """The model's products, norms, softmax and GELU: all tokens at once, and one token more."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        shape, tokens, batch = settings.model_settings(choice)
        number = number_switch()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="roof_row"):
        request = settings.request(choice, (shape, tokens, batch))
        with st.popover(_("Other chips"), icon=":material/compare_arrows:", key="roof_compare"):
            chips = chosen_hardware()
        row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    live.draw(request, row, lambda state: _found(request, number, state, chips))


def _found(request: Request, number: NumberType, state: RunState, chips: Sequence[Hardware]) -> None:
    result = state.result
    if result is None or not roofs(result.points, result.machine).peaks:
        _published(request, number, chips, working=state.working)
        return
    operations = {group: compared(request, number, group, result) for group in _GROUPS}
    _say_whose(request, result, number)
    found = roofs(result.points, result.machine)
    slopes, flats = measured_roofs(found)
    flats = [flat for flat in flats if flat.number == number]
    _picture(operations, slopes, flats, dashed_roofs(chips, (number,)), roofs_alt(found))
    _passes(request, operations)
    _table(operations, request.shape.family)
    ending(result)


def _published(request: Request, number: NumberType, chips: Sequence[Hardware], *, working: bool) -> None:
    """What a published roof promises, until this machine has roofs of its own."""
    usable = [chip for chip in chips if chip.peak(number)] or [published_hardware()[_STAND_IN]]
    chip = usable[0]
    st.markdown(
        (
            _("This machine's own roofs are being measured. Until then, hollow: what the roof of the {chip} promises.")
            if working
            else _(
                "Nothing has been measured on this machine yet. Hollow: what the published roof of the {chip} "
                "promises. Press **Run** to see this machine's own."
            )
        ).format(chip=chip.name)
    )
    operations = {group: promised(request, number, group, chip) for group in _GROUPS}
    alt = _("Speed over intensity, both logarithmic, under the published roof of the {chip}.").format(chip=chip.name)
    _picture(operations, [], [], dashed_roofs(usable, (number,)), alt)
    _passes(request, operations)
    _table(operations, request.shape.family)


def _say_whose(request: Request, result: Result, number: NumberType) -> None:
    """What the filled marks are of, where they are not of what is asked for."""
    other = result.request
    if not same_model(request, result):
        st.caption(
            _(
                "Hollow: what the roofs promise for {tokens} tokens × {batch}. The last run measured {model} with "
                "{other_tokens} × {other_batch}: press Run to measure this."
            ).format(
                tokens=f"{request.tokens:,}",
                batch=request.batch,
                model=blocks.plain(other.shape.name),
                other_tokens=f"{other.tokens:,}",
                other_batch=other.batch,
            )
        )
    elif number not in other.types:
        st.caption(_("The last run did not measure {type}: choose it above and press Run.").format(type=number))


def _picture(
    operations: Mapping[ModelGroup, Sequence[Operation]],
    slopes: Sequence[Slope],
    flats: Sequence[Flat],
    dashed: Sequence[Dashed],
    alt: str,
) -> None:
    """The operations under roofs; alt: the roofs in words."""
    from explainers.figures import roofline

    series = [each for group in _GROUPS for each in _series(group, operations[group])]
    rows = [(group, each) for group in _GROUPS for each in operations[group]]
    saving.chart(
        roofline.roofs(slopes, flats, series, dashed, dark=blocks.is_dark()),
        "roof_model_chart",
        lambda: saving.csv_text(
            ("pass", "operation", "sizes", "type", "state", "FLOPs per byte", "predicted FLOP/s", "measured FLOP/s"),
            (
                (
                    *(group, each.task.role, sizes(each.task), each.task.type, each.task.state, each.task.intensity),
                    *(each.predicted_flops_per_second, each.point.flops_per_second if each.point else ""),
                )
                for group, each in rows
            ),
        ),
        alt=alt
        + " "
        + "; ".join(
            _("{operation}, {pass_}: {intensity} FLOPs per byte, predicted {predicted}, measured {measured}").format(
                operation=operation_name(each.task.role),
                pass_=_pass_name(group),
                intensity=digits(each.task.intensity),
                predicted=amount(each.predicted_flops_per_second, "FLOP/s"),
                measured=amount(each.point.flops_per_second, "FLOP/s") if each.point else _("not yet"),
            )
            for group, each in rows
        ),
        name="roofline-model",
    )


def _pass_name(group: ModelGroup) -> str:
    return _("whole text") if group == "prefill" else _("one token more")


def _series(group: ModelGroup, operations: Sequence[Operation]) -> list[Series]:
    """The products of one pass, and what is between them."""
    from explainers.figures.palette import ABOVE, BELOW
    from explainers.figures.roofline import Series

    colour = BELOW if group == "prefill" else ABOVE
    between = [each for each in operations if not each.task.is_product]
    kinds = (
        (_("{pass_}: products"), "circle", [each for each in operations if each.task.is_product]),
        (
            _("{pass_}: norm, softmax, GELU (memory)"),
            "diamond",
            [each for each in between if each.task.state == "cold"],
        ),
        (_("{pass_}: norm, softmax, GELU (cache)"), "square", [each for each in between if each.task.state == "warm"]),
    )
    return [
        Series(
            name.format(pass_=_pass_name(group)),
            colour,
            symbol,
            [_dot(each) for each in own],
        )
        for name, symbol, own in kinds
        if own
    ]


def _dot(each: Operation) -> Dot:
    from explainers.figures.roofline import Dot

    name = operation_name(each.task.role)
    shown = name if each.task.is_product or each.task.state == "cold" or each.task.group == "decode" else ""
    speed = each.point.flops_per_second if each.point else 0.0
    spread = quartiles(each.point) if each.point else (0.0, 0.0)
    said = f"{name}, {sizes(each.task)}: {amount(speed or each.predicted_flops_per_second, 'FLOP/s')}"
    return Dot(each.task.intensity, speed, *spread, said, each.predicted_flops_per_second, shown)


def _passes(request: Request, operations: Mapping[ModelGroup, Sequence[Operation]]) -> None:
    """The time of a forward pass: promised, and measured."""
    for group in _GROUPS:
        if not operations[group]:
            continue
        predicted, measured = pass_seconds(operations[group])
        if not predicted:
            continue
        what = (
            _("The whole text at once, {tokens} tokens × {batch}").format(
                tokens=f"{request.tokens:,}", batch=request.batch
            )
            if group == "prefill"
            else _("One token more for each of {batch}").format(batch=request.batch)
        )
        told = _("**{what}**: at least {predicted} by the roofs").format(what=what, predicted=duration(predicted))
        if measured:
            told += _(", {measured} measured").format(measured=f"**{duration(measured)}**")
        st.markdown(told + ".")
    st.caption(
        _(
            "To write one token, every weight is read for one row of work: as long as the weights do not fit into a "
            "cache, that is a walk through memory. In a text or a batch, the same weights serve many rows. T5's "
            "encoder and decoder get as many tokens each; BERT writes nothing, so it has no second pass."
        )
    )


def _table(operations: Mapping[ModelGroup, Sequence[Operation]], family: Family) -> None:
    columns = (
        *(_("operation"), _("sizes"), _("times"), _("FLOPs per byte"), _("roof of")),
        *(_("promised"), _("measured"), _("of the roof")),
    )
    for group in _GROUPS:
        if operations[group]:
            st.header(_("Operation by operation: {pass_}").format(pass_=_pass_name(group)), anchor=False)
            rows = [_row(each, in_two_stacks=family == "t5") for each in operations[group]]
            blocks.text_table(columns, rows, numbers=(2, 3, 5, 6, 7), most=len(rows))


def _row(each: Operation, *, in_two_stacks: bool) -> tuple[str, ...]:
    return (
        operation_name(each.task.role) + (f", {stack_name(each.task.stack)}" if in_two_stacks else ""),
        sizes(each.task) + (" " + _("(cut)") if each.task.cut else ""),
        f"{each.task.count:,}",
        digits(each.task.intensity),
        level_name(each.level),
        amount(each.predicted_flops_per_second, "FLOP/s"),
        amount(each.point.flops_per_second, "FLOP/s") if each.point else "–",
        blocks.percent(each.share) if each.point else "–",
    )
