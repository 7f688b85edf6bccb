"""The share of matrix products in the time of one network, measured on this machine, beside their share of the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

import streamlit as st

from explainers.checkpoints import FAMILIES
from explainers.facts import fact
from explainers.language import _
from explainers.matmul import GROUPS, MODES, Count, Mode, Network, Phase, Timing, refusal, timings
from explainers.views import blocks, cached, saving
from explainers.views.architecture.costs import flops_text
from explainers.views.architecture.lesson import one_shown
from explainers.views.controls import Choice
from explainers.views.matmul import asking
from explainers.views.matmul.lesson import load_of
from explainers.views.matmul.tables import tables
from explainers.views.matmul.words import group_names, mode_names, network_names, phase_names

if TYPE_CHECKING:
    from explainers.figures.matmul import Shares

_DISTURBED = 0.15  # of all processors, used by others


def timing(choice: Choice) -> None:
    """One network's work and time side by side, and why they differ."""
    name, network = _network(choice)
    load = load_of([network])
    with st.spinner(_("Every operator is counted"), show_time=True):
        counts = {mode: cached.operator_count(network, load, mode) for mode in MODES}
    refused = _refused(network, counts)
    found = {mode: timed for mode in MODES if (timed := timings().found(network, load, mode))}
    if refused:
        blocks.show_notice(refused)
    else:
        timings().warm()
        asking.control((network, load), counts, len(found))
    _bars(name, counts, found)
    if found:
        _phases(name, found)
        tables(counts, found)


def _network(choice: Choice) -> tuple[str, Network]:
    names = network_names()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = st.segmented_control(
            _("Network"),
            tuple(names),
            default="bert",
            required=True,
            key="mm_net",
            bind="query-params",
            persist_state="session",
            format_func=names.__getitem__,
        )
        for family in FAMILIES:
            if chosen == family:
                shown = one_shown(choice, family)
                return shown.name, Network("transformer", shown.design)
    return names[chosen or "mlp"], Network("cnn" if chosen == "cnn" else "mlp")


def _refused(network: Network, counts: Mapping[Mode, Count]) -> str:
    """Why this is not measured, and what to do, in a sentence; "" where it can be."""
    why = next((found for mode in reversed(MODES) if (found := refusal(network, counts[mode], mode))), None)
    if why == "work":
        return _(
            "A training step would be {flops} FLOPs, too much to measure while you wait. Choose fewer sequences or "
            "tokens, or a smaller model. What is counted is shown below."
        ).format(flops=flops_text(counts["training"].flops()))
    if why == "memory":
        return _(
            "This takes more than half of the memory that is free here. Choose fewer sequences or tokens, or a smaller "
            "model. What is counted is shown below."
        )
    return ""


def _bars(name: str, counts: Mapping[Mode, Count], found: Mapping[Mode, Timing]) -> None:
    """By FLOPs, by time, and as the paper has it."""
    from explainers.figures.matmul import Shares, percent, share_bars

    uses = mode_names()
    rows: list[Shares] = []
    for mode, counted in counts.items():
        by_work = {group: counted.flop_share(group) for group in GROUPS}
        rows.append(Shares(_("{use}: work").format(use=uses[mode]), by_work))
        if mode in found:
            by_time = {group: found[mode].share(group) for group in GROUPS}
            rows.append(Shares(_("{use}: time").format(use=uses[mode]), by_time))
    work, time = (fact("bert", f"products_{of}").share for of in ("flops", "time"))
    rows.append(Shares(_("Published, one layer: work"), {"products": work}))
    rows.append(Shares(_("Published, one layer: time"), {"products": time}))
    said = "; ".join(f"{row.label} {percent(row.parts['products'])}" for row in rows)
    saving.chart(
        share_bars(rows, group_names(), _("share of the whole"), dark=blocks.is_dark()),
        "mm_times",
        lambda: _csv(counts, found),
        alt=_("{name}. Matrix products' share: {rows}.").format(name=name, rows=said),
        name="work-and-time",
        fit=True,
    )
    with st.container(gap="xsmall"):
        blocks.source("bert", "products_flops")
        blocks.source("bert", "products_time")
        st.caption(
            _(
                "**Not the same thing is counted.** The published shares are of one encoder layer of BERT-large in "
                "training, on a GPU. Ours are of the whole network that is chosen above: of a transformer also the "
                "embeddings and the output layer, in training the loss and the optimizer (AdamW) as well; the time is "
                "this machine's. So compare how far time is from work, not one number with the other."
            )
        )
    for mode, timed in found.items():
        st.markdown(
            _("{use}: matrix products are **{work}** of the work and **{time}** of the time.").format(
                use=uses[mode],
                work=percent(counts[mode].flop_share("products")),
                time=percent(timed.share("products")),
            )
        )


def _phases(name: str, found: Mapping[Mode, Timing]) -> None:
    """Milliseconds of every phase."""
    from explainers.figures.matmul import milliseconds, time_bars

    uses, phases = mode_names(), phase_names()
    rows = []
    for mode, timed in found.items():
        for phase in get_args(Phase):
            if timed.of(phase=phase):
                label = f"{uses[mode]}: {phases[phase]}"
                rows.append((label, {group: timed.of(group, phase) for group in GROUPS}))
    st.header(_("Where the time of a step goes"), anchor=False)
    saving.chart(
        time_bars(rows, group_names(), dark=blocks.is_dark()),
        "mm_phases",
        lambda: saving.csv_text(("phase", *GROUPS), ((label, *times.values()) for label, times in rows)),
        alt=_("{name}. {rows}.").format(
            name=name, rows="; ".join(f"{label} {milliseconds(sum(times.values()))}" for label, times in rows)
        ),
        name="time-by-phase",
    )
    for mode, timed in found.items():
        st.caption(_how_measured(uses[mode], timed))
    busiest = max(timed.others for timed in found.values())
    if busiest > _DISTURBED:
        blocks.show_notice(
            _(
                "Other programs used {share} of the processors meanwhile, so these times are too long. Measure again "
                "when the machine is quiet."
            ).format(share=blocks.percent(busiest))
        )


def _how_measured(use: str, timed: Timing) -> str:
    from explainers.figures.matmul import milliseconds

    said = (
        _("{use}: a step takes {plain}, at the median of {count}, from {low} to {high}.")
        if len(timed.plain_seconds) > 1
        else _("{use}: a step takes {plain}, measured once.")
    )
    said += " " + _(
        "The bars are of a step that torch's profiler watched, {watched}. Threads: {threads}; torch {version}; numbers "
        "in fp32; the machine that serves this page."
    )
    return said.format(
        use=use,
        plain=milliseconds(timed.seconds),
        count=len(timed.plain_seconds),
        low=milliseconds(min(timed.plain_seconds)),
        high=milliseconds(max(timed.plain_seconds)),
        watched=milliseconds(timed.watched_seconds),
        threads=timed.threads,
        version=timed.version,
    )


def _csv(counts: Mapping[Mode, Count], found: Mapping[Mode, Timing]) -> str:
    """Every operator: what was counted, and what was measured."""
    counted = (
        ("counted", mode, each.phase, each.name, each.group, each.calls, each.flops, each.bytes, "")
        for mode, count in counts.items()
        for each in count.operators
    )
    measured = (
        ("measured", mode, each.phase, each.name, each.group, each.calls, "", "", each.seconds)
        for mode, timed in found.items()
        for each in timed.operators
    )
    header = ("kind", "use", "phase", "operator", "group", "calls", "FLOPs", "bytes", "seconds")
    return saving.csv_text(header, (*counted, *measured))
