"""Reading weights into a transformers model: float32, safetensors only, no code from the checkpoint, no network."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from explainers.checkpoints.families import HEAD_PREFIXES, CheckpointError, Family, HeadName
from explainers.language import _

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# transformers replaces its own module while it is imported, and changes torch while it loads: a second thread would
# find nothing to import, or would get random numbers in place of tied matrices.
one_at_a_time = threading.Lock()


class Loaded(NamedTuple):
    """A model in memory, the bytes that it holds there, and the heads that got random numbers."""

    model: PreTrainedModel
    resident_bytes: int
    random_heads: frozenset[HeadName]


def load_weights(name: str, folder: Path, family: Family) -> Loaded:
    """The family's model with the folder's weights, ready for inference; a head may be missing, its body may not.

    Raises CheckpointError.
    """
    import torch
    from safetensors import SafetensorError

    with one_at_a_time:
        from transformers import BertForPreTraining, GPT2LMHeadModel, T5ForConditionalGeneration
        from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    classes: dict[Family, Any] = {"bert": BertForPreTraining, "gpt2": GPT2LMHeadModel, "t5": T5ForConditionalGeneration}
    try:
        with one_at_a_time:
            model, report = classes[family].from_pretrained(
                folder,
                dtype=torch.float32,
                attn_implementation="eager",
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                output_loading_info=True,
            )
    except MemoryError as error:
        raise CheckpointError(
            _("There is not enough memory for {name}: choose a smaller model.").format(name=name)
        ) from error
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise CheckpointError(
            _("The weights of {name} cannot be read: {error}").format(name=name, error=error)
        ) from error
    heads = HEAD_PREFIXES[family]
    missing = sorted(report["missing_keys"])
    body = [key for key in missing if not key.startswith(tuple(heads.values()))]
    if body:
        raise CheckpointError(
            _(
                "The weight file of {name} lacks {count} tensors, among them {example}: it is not a whole "
                "{family} model."
            ).format(name=name, count=len(body), example=body[0], family=family)
        )
    random = frozenset(head for head, prefix in heads.items() if any(key.startswith(prefix) for key in missing))
    held = {tensor.data_ptr(): tensor.nbytes for tensor in (*model.parameters(), *model.buffers())}
    return Loaded(model.eval(), sum(held.values()), random)
