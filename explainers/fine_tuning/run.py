"""A fine-tuning, step by step, with looks at the test sentences on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.fine_tuning.changes import Forgetting, change, pretraining_loss
from explainers.fine_tuning.results import FineTuning, Look, Sizes, Tuned
from explainers.fine_tuning.rows import Rows, batches, read
from explainers.fine_tuning.settings import TEST_BATCH, Settings, StoppedError
from explainers.fine_tuning.tasks import Task

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from explainers.fine_tuning.classifier import Classifier

    Floats = NDArray[np.floating[Any]]

MOST_SNAPSHOT_BYTES = 400 * 10**6  # of one fine-tuning; where all looks' would take more, the last alone is kept
_WARM_UP = 0.1  # of the steps, in which the rate rises (Devlin et al. 2019, appendix A.2, warm up too)
_WEIGHT_DECAY = 0.01
_CLIP = 1.0

Report = Callable[[FineTuning], None]


def fine_tune(
    checkpoint: Checkpoint,
    task: Task,
    settings: Settings,
    stop: Callable[[], bool] = lambda: False,
    report: Report = lambda _so_far: None,
) -> FineTuning:
    """Train a copy of the checkpoint's model on the task with AdamW, the rate rising and then falling to 0.

    stop: asked before every step and look, in the order of `loads`; StoppedError where it says True. report: gets what
    is there so far, after every step. Raises TaskError where T5 cannot tell two labels apart.
    """
    import numpy as np
    import torch

    if stop():
        raise StoppedError
    run = _Run(checkpoint, task, settings)
    so_far = run.begun()
    report(so_far)
    before = {name: tensor.detach().clone() for name, tensor in run.trained.items()}
    optimizer = torch.optim.AdamW(run.trained.values(), settings.rate, weight_decay=_WEIGHT_DECAY, fused=True)
    steps, looks = settings.steps(task), settings.looks(task)
    rise = max(1, round(_WARM_UP * steps))
    snapshots = [run.snapshot()]
    for step, batch in enumerate(batches(len(run.rows), settings.epochs, settings.batch, settings.seed), 1):
        if stop():
            raise StoppedError
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * min(step / rise, (steps - step + 1) / max(1, steps - rise + 1))
        loss = run.step(optimizer, batch)
        so_far = replace(so_far, losses=np.append(so_far.losses, np.float32(loss)))
        if step in looks:
            if stop():
                raise StoppedError
            so_far = replace(so_far, looks=(*so_far.looks, run.look(step)))
            snapshots.append(run.snapshot(last=step == steps))
        report(so_far)
    return run.finished(so_far, before, snapshots)


def before(checkpoint: Checkpoint, task: Task, settings: Settings) -> FineTuning:
    """What the model says to the test sentences before any training, its new numbers as the seed draws them."""
    return _Run(checkpoint, task, settings).begun()


def training_bytes(checkpoint: Checkpoint) -> int:
    """What a training takes: every number five times (before, now, its gradient, AdamW's two), and what is kept."""
    return 5 * 4 * checkpoint.sizes.parameters + MOST_SNAPSHOT_BYTES


class _Run:
    """Everything that one fine-tuning holds while it goes on."""

    def __init__(self, checkpoint: Checkpoint, task: Task, settings: Settings) -> None:
        from explainers.fine_tuning.classifier import Classifier

        self.checkpoint, self.task, self.settings = checkpoint, task, settings
        self.examples = task.drawn(settings.examples, settings.seed)
        self.rows, self.test = read(checkpoint, task, self.examples), read(checkpoint, task, task.test)
        self.classifier = Classifier(checkpoint, len(task.labels), settings.mode, settings.seed)
        self.trained = dict(_trained(self.classifier))

    def begun(self) -> FineTuning:
        """Before the first step."""
        import numpy as np

        head = self.classifier.head
        new = sum(part.numel() for part in head.parameters()) if head is not None else 0
        whole = sum(part.numel() for part in self.classifier.parameters())
        sizes = Sizes(whole, new, sum(part.numel() for part in self.trained.values()))
        return FineTuning(
            self.checkpoint.name,
            self.checkpoint.family,
            self.task,
            self.settings,
            self.examples,
            self.test,
            sizes,
            np.empty(0, np.float32),
            (self.look(0),),
        )

    def step(self, optimizer: torch.optim.Optimizer, batch: tuple[int, ...]) -> float:
        """One step on these rows; the loss before it."""
        import torch

        with torch.enable_grad():
            loss = self.classifier.loss(self.rows, batch)
            loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.trained.values(), _CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def look(self, step: int) -> Look:
        """What it says to the test sentences now."""
        return look_at(self.classifier, self.test, step)

    def snapshot(self, *, last: bool = False) -> Mapping[str, Floats]:
        """The trained numbers as they are now, in half precision unless they are the last; empty where all snapshots
        together would take too much.
        """
        import numpy as np

        if last:
            return {name: tensor.detach().numpy() for name, tensor in self.trained.items()}
        half_bytes = sum(tensor.nbytes for tensor in self.trained.values()) // 2
        if len(self.settings.looks(self.task)) * half_bytes > MOST_SNAPSHOT_BYTES:
            return {}
        return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in self.trained.items()}

    def finished(
        self, so_far: FineTuning, before: Mapping[str, torch.Tensor], snapshots: list[Mapping[str, Floats]]
    ) -> FineTuning:
        """After the last step: how far the tensors moved, and what is left of the pre-training."""
        pretrained = self.settings.mode != "scratch"
        changes = [change(name, before[name], tensor.detach()) for name, tensor in self.trained.items()]
        forgetting = None
        if pretrained:
            (first, count), (then, _count) = (
                pretraining_loss(self.checkpoint, model) for model in (self.checkpoint.model, self.classifier.body)
            )
            forgetting = Forgetting(first, then, count)
        kept = [(look.step, snapshot) for look, snapshot in zip(so_far.looks, snapshots, strict=True) if snapshot]
        fixed = {
            name: tensor.detach().numpy()
            for name, tensor in self.classifier.named_parameters()
            if name not in self.trained
        }
        tuned = Tuned(
            self.classifier.requires_grad_(False),
            fixed,
            tuple(snapshot for _step, snapshot in kept),
            tuple(step for step, _snapshot in kept),
            threading.Lock(),
        )
        return replace(so_far, changes=tuple(changes), forgetting=forgetting, tuned=tuned)


def look_at(classifier: Classifier, rows: Rows, step: int) -> Look:
    """What a classifier says to these rows."""
    import numpy as np
    import torch

    scores, vectors = [], []
    for start in range(0, len(rows), TEST_BATCH):
        with torch.inference_mode():
            said = classifier(rows, range(start, min(start + TEST_BATCH, len(rows))))
        scores.append(said.scores.double())
        vectors.append(said.vectors)
    logs = torch.cat(scores)
    logs = logs.clamp(max=0.0) if rows.targets else logs.log_softmax(-1)  # T5's are logarithms already
    right = torch.tensor(rows.labels)
    return Look(
        step,
        logs.exp().numpy().astype(np.float32),
        torch.cat(vectors).numpy(),
        float(-logs.gather(1, right[:, None]).mean()),
        int((logs.argmax(1) == right).sum()),
    )


def _trained(classifier: Classifier) -> Iterator[tuple[str, torch.Tensor]]:
    """The parameters that a step changes: not those of pre-training's own heads, which nothing is asked of here."""
    idle = {"bert": "body.cls.", "gpt2": "body.lm_head."}.get(classifier.family)  # GPT-2's own only where it is untied
    for name, parameter in classifier.named_parameters():
        if parameter.requires_grad and not (idle and name.startswith(idle)):
            yield name, parameter
