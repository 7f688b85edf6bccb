"""The training loop: draws batches, steps, logs, saves, and goes on after a kill."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from explainers.language import _
from explainers.training import pieces
from explainers.training.objectives import Batch, Objective
from explainers.training.pieces import State
from explainers.training.recipe import Recipe, rate_factor, sequence_length

_SAVE_SECONDS = 120.0
_LOG_STEPS = 20
_WORKERS = 4  # processes that draw batches for one GPU
_WORTH_COMPILING = 1_000_000  # tokens; compiling takes a minute or two

Report = Callable[[str], None]


@dataclass
class Trainer:
    """One model on one objective in one folder, in which log.jsonl, model.safetensors and the optimizers' state are
    kept.

    The same seed draws the same batches, also across a restart: each step has a generator of its own.
    """

    model: Any
    objective: Objective
    recipe: Recipe
    folder: Path
    device: str
    minutes: float | None = None
    seed: int = 0
    report: Report = print
    state: State = field(default_factory=State)

    def run(self) -> State:
        """Train from where the folder left off until the recipe's tokens, or the minutes, are used up."""
        self.model.to(self.device).train()
        self._name = torch.cuda.get_device_name(self.device) if self.device.startswith("cuda") else "CPU"
        if self.device == "cpu":  # compiled, plain attention is a quarter faster there than the fused kernel
            self.model.config._attn_implementation = "eager"
        self._optimizers = optimizers(self.model, self.recipe)
        self._resume()
        self._loss = self._compiled()
        self._began = time.monotonic() - self.state.seconds
        last_save = time.monotonic()
        recent: list[dict[str, torch.Tensor]] = []
        batches = self._batches()
        while (progress := self.progress()) < 1:
            recent.append(self._step(next(batches), progress))
            if self.state.step % _LOG_STEPS == 0 or self.progress() >= 1:
                means = {name: torch.stack([losses[name] for losses in recent]).mean() for name in recent[0]}
                self._log({name: float(mean) for name, mean in means.items()}, progress)
                recent.clear()
            if time.monotonic() - last_save > _SAVE_SECONDS:
                self.save()
                last_save = time.monotonic()
        self.save()
        return self.state

    def progress(self) -> float:
        """The share of the run that is done, 0 to 1: by tokens, or by time where that is nearer its end."""
        by_time = self.state.seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(max(self.state.tokens / self.recipe.tokens, by_time), 1.0)

    def save(self) -> None:
        """Write weights, optimizers and state, each whole or not at all."""
        from safetensors.torch import save_model

        part = self.folder / "model.part.safetensors"
        save_model(self.model, str(part))
        part.replace(self.folder / pieces.WEIGHTS)
        part = self.folder / "optimizers.part.pt"
        torch.save({"step": self.state.step, "states": [one.state_dict() for one in self._optimizers]}, part)
        part.replace(self.folder / "optimizers.pt")
        pieces.write_state(self.folder, self.state)

    def _resume(self) -> None:
        """Go on from the folder's weights; without its optimizers' state the rate is warmed up once more."""
        from safetensors.torch import load_model

        if not pieces.begun(self.folder):
            (self.folder / pieces.LOG).unlink(missing_ok=True)
            return
        self.state = pieces.read_state(self.folder)
        rows = [row for row in pieces.read_log(self.folder) if row["step"] <= self.state.step]
        pieces.write_whole(self.folder / pieces.LOG, "".join(json.dumps(row) + "\n" for row in rows))
        load_model(self.model, str(self.folder / pieces.WEIGHTS), device=self.device)
        kept = self.folder / "optimizers.pt"
        saved: dict[str, Any] = {"step": -1}
        if kept.is_file():
            saved = torch.load(kept, map_location=self.device, weights_only=True)
        if saved["step"] == self.state.step:
            for optimizer, state in zip(self._optimizers, saved["states"], strict=True):
                optimizer.load_state_dict(state)
        else:
            self.state = replace(self.state, restarted_at=self.state.step)
        self.report(_("goes on at {millions:.2f} million tokens").format(millions=self.state.tokens / 1e6))

    def _batches(self) -> Iterator[dict[str, torch.Tensor]]:
        """The batches from this step on; for a GPU, drawn ahead by processes of their own."""
        gpu = not self.device.startswith("cpu")
        drawn = _Drawn(self.objective, self.recipe, self.seed)
        ahead = {"num_workers": _WORKERS, "prefetch_factor": 8, "pin_memory": True} if gpu else {}
        return iter(DataLoader(drawn, batch_size=None, sampler=itertools.count(self.state.step), **ahead))  # type: ignore[arg-type]

    def _step(self, batch: dict[str, torch.Tensor], progress: float) -> dict[str, torch.Tensor]:
        read = batch["attention_mask"].sum() if "attention_mask" in batch else batch["input_ids"].numel()
        batch = {name: tensor.to(self.device, non_blocking=True) for name, tensor in batch.items()}
        with torch.autocast(self.device.split(":")[0], torch.bfloat16):
            losses = self._loss(self.model, batch)
        sum(losses.values(), torch.zeros((), device=self.device)).backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self._set_rates(rate_factor(self.recipe, self.state.step - self.state.restarted_at, progress))
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.state = replace(
            self.state,
            step=self.state.step + 1,
            tokens=self.state.tokens + int(read),
            seconds=time.monotonic() - self._began,
            device=self._name,
        )
        return {name: loss.detach() for name, loss in losses.items()}

    def _compiled(self) -> Callable[..., Any]:
        """The objective's loss, compiled where that pays and this machine can, else as it is."""
        from torch._inductor.cpp_builder import get_cpp_compiler

        if self.recipe.tokens < _WORTH_COMPILING:
            return self.objective.loss
        if self.device == "cpu":
            try:
                get_cpp_compiler()
            except Exception:  # no C++ compiler: torch raises a private error of its own
                return self.objective.loss
        return torch.compile(self.objective.loss, dynamic=False)

    def _set_rates(self, factor: float) -> None:
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * factor

    def _log(self, losses: dict[str, float], progress: float) -> None:
        state = self.state
        row = {"step": state.step, "tokens": state.tokens, "seconds": round(state.seconds, 1), **losses}
        with (self.folder / pieces.LOG).open("a") as log:
            log.write(json.dumps(row) + "\n")
        left = state.seconds / max(self.progress(), 1e-6) - state.seconds
        shown = ", ".join(f"{name} {loss:.3f}" for name, loss in losses.items())
        row_text = _(
            "{progress:6.1%}  {millions:7.2f} million tokens  {losses}  {rate:,.0f} tokens/s  {left:.0f} min left"
        )
        self.report(
            row_text.format(
                progress=progress,
                millions=state.tokens / 1e6,
                losses=shown,
                rate=state.tokens / state.seconds,
                left=left / 60,
            )
        )


class _Drawn(Dataset[Batch]):
    """Every step's batch by the number of the step; each has a generator of its own, so that no order matters."""

    def __init__(self, objective: Objective, recipe: Recipe, seed: int) -> None:
        self._objective, self._recipe, self._seed = objective, recipe, seed

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng([self._seed, step])
        length = sequence_length(self._recipe, rng)
        return self._objective.batch(rng, max(self._recipe.tokens_per_step // length, 1), length)


def optimizers(model: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the blocks, AdamW for embeddings, heads, biases and norms; each group keeps its
    peak rate.
    """
    matrices = {name: tensor for name, tensor in model.named_parameters() if _is_block_matrix(name, tensor)}
    rest = [tensor for name, tensor in model.named_parameters() if name not in matrices]
    muon = torch.optim.Muon(list(matrices.values()), lr=recipe.muon_rate, weight_decay=recipe.weight_decay)
    adamw = torch.optim.AdamW(rest, lr=recipe.adamw_rate, betas=(0.9, 0.98), weight_decay=recipe.weight_decay)
    for optimizer in (muon, adamw):
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return [muon, adamw]


def _is_block_matrix(name: str, tensor: torch.Tensor) -> bool:
    outside = ("embed", "wte", "wpe", "shared", "lm_head", "cls.", "pooler", "relative_attention_bias")
    return tensor.ndim == 2 and not any(part in name for part in outside)
