"""What the groups of operators are called on screen, and operators by the names that people use."""

from __future__ import annotations

from explainers.language import _
from explainers.matmul import Group, Mode, Phase


def group_names() -> dict[Group, str]:
    """The groups in which work and time are compared."""
    return {
        "products": _("matrix products"),
        "normalization": _("softmax and norms"),
        "element-wise": _("number by number"),
        "movement": _("copies and look-ups"),
        "rest": _("Python and the rest"),
    }


def mode_names() -> dict[Mode, str]:
    """The two ways to use a network."""
    return {"inference": _("Inference"), "training": _("Training step")}


def phase_names() -> dict[Phase, str]:
    """The three phases of a training step."""
    return {"forward": _("forward"), "backward": _("backward"), "optimizer": _("optimizer")}


def network_names() -> dict[str, str]:
    """The networks that are compared, by the key of the switch."""
    return {
        "mlp": _("MLP"),
        "cnn": _("Convolutional"),
        "bert": "BERT",
        "gpt2": "GPT-2",
        "t5": "T5",
    }


def operator_name(name: str) -> str:
    """An operator of torch as it is shown: its own name, and in words where that says little."""
    known = {
        "mm": _("matrix product"),
        "addmm": _("matrix product, with bias"),
        "bmm": _("many matrix products at once"),
        "baddbmm": _("many matrix products at once, with bias"),
        "convolution": _("convolution"),
        "convolution_backward": _("convolution, backward"),
        "native_layer_norm": _("layer norm"),
        "native_layer_norm_backward": _("layer norm, backward"),
        "native_batch_norm": _("batch norm"),
        "native_batch_norm_backward": _("batch norm, backward"),
        "_softmax": _("softmax"),
        "_softmax_backward_data": _("softmax, backward"),
        "_log_softmax": _("softmax of the loss"),
        "_log_softmax_backward_data": _("softmax of the loss, backward"),
        "bernoulli": _("dice of dropout"),
        "embedding": _("embedding look-up"),
        "embedding_dense_backward": _("embedding, backward"),
        "rest": _("no operator: Python, and finding out what to run"),
    }
    return f"{name}: {known[name]}" if name in known and name != "rest" else known.get(name, name)
