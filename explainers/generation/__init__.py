"""Generation: GPT-2 predicts the next token, a rule picks one, and the text with that token is read again.

    memory = KeyValueMemory(checkpoint)
    write(memory, tokenize(checkpoint, "My dog").ids, Scheme(top_k=40), seed=1, count=10).draws

Every probability is over the whole vocabulary. Nothing is random but the dice of a seed.
"""

from explainers.generation.beam import BeamTree, Node, beam_search
from explainers.generation.cost import StepCost, Work, kept_bytes, step_costs, work
from explainers.generation.cuts import Cut, How, Scheme, cut, dice, pick
from explainers.generation.lens import Lens, layer_lens
from explainers.generation.memory import KeyValueMemory, Reading
from explainers.generation.surprise import Surprise, surprise
from explainers.generation.writing import Continuation, Draw, Prompt, end_of_text, most_draws, prompt_of, write

__all__ = [
    "BeamTree",
    "Continuation",
    "Cut",
    "Draw",
    "How",
    "KeyValueMemory",
    "Lens",
    "Node",
    "Prompt",
    "Reading",
    "Scheme",
    "StepCost",
    "Surprise",
    "Work",
    "beam_search",
    "cut",
    "dice",
    "end_of_text",
    "kept_bytes",
    "layer_lens",
    "most_draws",
    "pick",
    "prompt_of",
    "step_costs",
    "surprise",
    "work",
    "write",
]
