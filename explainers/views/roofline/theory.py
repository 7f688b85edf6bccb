"""The theory: a product's intensity by its sizes, and the roof over it."""

from __future__ import annotations

import streamlit as st

from explainers.figures.quantities import amount, digits, duration
from explainers.language import _
from explainers.roofline import NumberType, Product, attainable, ridge, roofs
from explainers.roofline.hardware import published_hardware
from explainers.views import blocks, saving
from explainers.views.roofline.lesson import number_switch
from explainers.views.roofline.live import known_result

_HERE = "here"
_SIDES = [2**power for power in range(15)]


@st.fragment
def theory() -> None:
    """Three sides of a product, and where it stands under the roof of a chip."""
    choosing, picture = st.columns([3, 8], gap="medium")
    with choosing:
        chip = _chip()
        number = number_switch()
        sides = {name: _side(name, label) for name, label in _sides().items()}
    product = Product(sides["m"], sides["k"], sides["n"], number)
    with picture:
        _under_roof(product, chip)


def _under_roof(product: Product, chip: str) -> None:
    roof = _roof(chip, product.type)
    if roof is None:
        blocks.show_notice(
            _("This machine has no measured roof for {type} yet: choose another chip, or measure it first.").format(
                type=product.type
            )
            if chip == _HERE
            else _("The vendor prints no peak for {type} on this chip: choose another type, or another chip.").format(
                type=product.type
            )
        )
        return
    name, bandwidth, peak = roof
    _picture(product, name, bandwidth, peak)
    _sums(product, bandwidth, peak)


def _chip() -> str:
    devices = published_hardware()
    names = {key: device.name for key, device in devices.items()}
    chosen = st.selectbox(
        _("Under the roof of"),
        [*devices, _HERE],
        index=list(devices).index("a100"),
        key="roof_on",
        bind="query-params",
        persist_state="session",
        format_func=lambda key: names.get(key, _("this machine")),
        label_visibility="collapsed",
    )
    return chosen or "a100"


def _sides() -> dict[str, str]:
    return {
        "m": _("m: rows of the first"),
        "k": _("k: its columns, the second's rows"),
        "n": _("n: columns of the second"),
    }


def _side(name: str, label: str) -> int:
    side = st.select_slider(label, _SIDES, 1024, key=f"roof_{name}", bind="query-params", persist_state="session")
    return int(side)


def _roof(chip: str, number: NumberType) -> tuple[str, float, float] | None:
    """The chip's name, bytes per second and FLOPs per second; None where it has none for this type."""
    if chip != _HERE:
        device = published_hardware()[chip]
        peak = device.peak(number)
        return (device.name, device.bandwidth, peak) if peak else None
    result = known_result()
    found = roofs(result.points, result.machine) if result else None
    if found is None or number not in found.peaks or not found.bandwidth("memory"):
        return None
    return _("this machine"), found.bandwidth("memory"), found.peaks[number]


def _picture(product: Product, name: str, bandwidth: float, peak: float) -> None:
    from explainers.figures.roof_lines import Flat, Slope
    from explainers.figures.roofline import Dot, theory

    fastest = attainable(product.intensity, peak, bandwidth)
    hover = f"({product.m:,} × {product.k:,}) · ({product.k:,} × {product.n:,})"
    speed = amount(fastest, "FLOP/s")
    at = digits(product.intensity)
    saving.chart(
        theory(
            Slope(_("memory, {rate}").format(rate=amount(bandwidth, "B/s")), bandwidth),
            Flat(f"{product.type}, {amount(peak, 'FLOP/s')}", peak, product.type),
            Dot(
                *(product.intensity, fastest, fastest, fastest, f"{hover}: {speed}", fastest),
                _("{n} FLOPs per byte").format(n=at),
            ),
            dark=blocks.is_dark(),
        ),
        "roof_theory",
        lambda: saving.csv_text(
            ("m", "k", "n", "type", "FLOPs", "bytes", "FLOPs per byte", "ridge", "attainable FLOP/s", "on"),
            [
                (
                    *(product.m, product.k, product.n, product.type, product.flops, product.bytes, product.intensity),
                    *(ridge(peak, bandwidth), fastest, name),
                )
            ],
        ),
        alt=_(
            "Speed over intensity, both logarithmic, for {name}: a slope of {bandwidth} meets a flat roof of {peak} at "
            "{ridge} FLOPs per byte. The product has {intensity} FLOPs per byte and reaches at most {speed}."
        ).format(
            name=name,
            bandwidth=amount(bandwidth, "B/s"),
            peak=amount(peak, "FLOP/s"),
            ridge=digits(ridge(peak, bandwidth)),
            intensity=at,
            speed=speed,
        ),
        name="roofline-theory",
    )


def _sums(product: Product, bandwidth: float, peak: float) -> None:
    """The formula with its numbers, and which of the two times is the longer one."""
    computing, moving = duration(product.flops / peak), duration(product.bytes / bandwidth)
    st.markdown(
        _(
            "**{intensity} FLOPs per byte** = {flops} FLOPs / {bytes}. To compute them takes at least {computing}, to "
            "move the bytes {moving}: {verdict}"
        ).format(
            intensity=digits(product.intensity),
            flops=amount(product.flops),
            bytes=amount(product.bytes, "B"),
            computing=computing,
            moving=moving,
            verdict=_("**arithmetic is the limit**.")
            if product.intensity >= ridge(peak, bandwidth)
            else _("**memory is the limit**, and the arithmetic units wait."),
        )
    )
    st.latex(
        r"\begin{gathered} \text{FLOPs} = 2\,mkn \qquad \text{bytes} = b\,(mk + kn + mn) \\ "
        r"\text{roof} = \min(\text{peak},\ \text{intensity} \times \text{bandwidth}) \end{gathered}"
    )
    st.caption(
        _(
            "A multiply-add is two FLOPs. The bytes are the least that must move: each matrix read or written once, b "
            "bytes a number (int8 results have 4). Roofline: [Williams, Waterman, Patterson 2009, CACM 52(4)]"
            "(https://doi.org/10.1145/1498765.1498785)."
        )
    )
