"""What the parts of a sweep are called on screen, and how rates and times are written."""

from __future__ import annotations

from explainers.figures.quantities import digits, duration
from explainers.language import _
from explainers.roofline import Result, Task


def level_name(level: str) -> str:
    """A level of the memory, as it is written along its roof."""
    return _("memory") if level == "memory" else _("{level} cache").format(level=level)


def stream_name(role: str) -> str:
    """What one of STREAM's kernels does."""
    names = {
        "copy": _("copy: a = b"),
        "scale": _("scale: a = s·b"),
        "add": _("add: a = b + c"),
        "triad": _("triad: a = b + s·c"),
        "read": _("read: sum of a"),
    }
    return names.get(role, role)


def shape_name(role: str) -> str:
    """The shape of a product of the grid."""
    names = {
        "square": _("square"),
        "rows": _("few rows"),
        "inner": _("short inner side"),
        "columns": _("few columns"),
    }
    return names.get(role, role)


def operation_name(role: str) -> str:
    """An operation of a model, short enough for a picture."""
    names = {
        "qkv": _("Q, K, V"),
        "query": _("query"),
        "key_value": _("keys, values"),
        "scores": _("scores"),
        "values": _("mixing of values"),
        "output": _("attention output"),
        "ffn_in": _("FFN in"),
        "ffn_out": _("FFN out"),
        "lm_head": _("LM head"),
        "mlm_transform": _("LM transform"),
        "pooler": _("pooler"),
        "next_sentence": _("next sentence"),
        "layer_norm": _("layer norm"),
        "rms_norm": _("RMS norm"),
        "softmax": _("softmax"),
        "gelu": "GELU",
        "gelu_erf": "GELU",
        "relu": "ReLU",
    }
    return names.get(role, role.replace("_", " "))


def stack_name(stack: str) -> str:
    """The part of a model that an operation belongs to."""
    names = {"encoder": _("encoder"), "decoder": _("decoder"), "cross": _("cross-attention"), "output": _("output")}
    return names.get(stack, stack)


def sizes(task: Task) -> str:
    """The sizes of a product, (m × k) · (k × n), or of what is between products, m × n."""
    if not task.is_product:
        return f"{task.m:,} × {task.n:,}"
    shape = f"({task.m:,} × {task.k:,}) · ({task.k:,} × {task.n:,})"
    return f"{task.batch:,} × {shape}" if task.batch > 1 else shape


def machine_line(result: Result) -> str:
    """Where, when, and with what a result was measured, on one line."""
    found = result.machine
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    return _("{name}: {processor}, {threads} of {cores} threads, {system}. {versions}. {time}.").format(
        name=found.name,
        processor=found.processor,
        threads=found.threads,
        cores=found.cores,
        system=found.system,
        versions=versions,
        time=time_of(result),
    )


def time_of(result: Result) -> str:
    """When a result was measured."""
    return result.started.replace("T", " ")[:16] + " UTC"


def condition_lines(result: Result) -> tuple[str, ...]:
    """What was noticed while measuring, in sentences (Markdown): the overhead of a call, other load, the clock."""
    found, disturbed = result.conditions, sum(point.disturbed for point in result.points)
    overhead = _(
        "**Every call takes {time}** before anything is computed: small products are held back by that alone, and lie "
        "below every roof."
    ).format(time=duration(found.overhead_seconds))
    share = f"{100 * found.other_load:.0f} %"
    load = (
        _("**Other programs were busy**: they used {share} of the processors. Run it again when it is quiet.")
        if found.busy
        else _("Other programs used {share} of the processors: quiet.")
    ).format(share=share)
    change = digits(max(found.drift, 1 / found.drift))
    if not found.drifted:
        clock = _("The clock was steady: the same small product took at most {change} times as long.")
    elif found.drift > 1:
        clock = _(
            "**The machine became slower**: the same small product took up to {change} times as long. Warm machines "
            "do that, and busy ones."
        )
    else:
        clock = _("**The machine became faster**: the same small product had taken {change} times as long at first.")
    lines = [overhead, load, clock.format(change=change)]
    if disturbed:
        lines.append(
            _("{n} of {all} points were measured while other work was going on: they may lie too low.").format(
                n=disturbed, all=len(result.points)
            )
        )
    return tuple(lines)
