"""Fine-tuning: a pre-trained model goes on learning, from a few sentences with labels, before the reader's eyes.

    tasks       labelled sentences: ours, and pasted ones
    rows        sentences and labels as ids, as each family is given a task
    classifier  the model with what answers: a new layer for BERT and GPT-2, the label as a word for T5
    run         `fine_tune(checkpoint, task, settings) -> FineTuning`: step by step, with looks at the test sentences
    plane       the plane in which the vectors are drawn
    answers     a tuned model's answers to other sentences, at every look
    changes     how far every tensor moved; what is left of the pre-training

The shared checkpoint is never changed: what is trained is a copy.
"""

from explainers.fine_tuning.answers import Answers, answers
from explainers.fine_tuning.changes import Change, Forgetting, Place, together
from explainers.fine_tuning.plane import Plane, plane
from explainers.fine_tuning.results import FineTuning, Look, Sizes
from explainers.fine_tuning.rows import MOST_TOKENS, prefixed
from explainers.fine_tuning.run import before, fine_tune, training_bytes
from explainers.fine_tuning.settings import MODES, Load, Mode, Settings, StoppedError, loads, modes_of, usual
from explainers.fine_tuning.tasks import OURS, Labelled, Task, TaskError, pasted, task

__all__ = [
    "MODES",
    "MOST_TOKENS",
    "OURS",
    "Answers",
    "Change",
    "FineTuning",
    "Forgetting",
    "Labelled",
    "Load",
    "Look",
    "Mode",
    "Place",
    "Plane",
    "Settings",
    "Sizes",
    "StoppedError",
    "Task",
    "TaskError",
    "answers",
    "before",
    "fine_tune",
    "loads",
    "modes_of",
    "pasted",
    "plane",
    "prefixed",
    "task",
    "together",
    "training_bytes",
    "usual",
]
