"""See how BERT, GPT-2 and T5 work, in a real model's own numbers.

The rooms, from the ground up; each imports only from those before it:

    checkpoints     the catalogue and `load(name_or_path) -> Checkpoint`
    tokenization    `tokenize(checkpoint, text, pair) -> Tokenization`, and the algorithm's own steps
    trace           `trace(checkpoint, text, ...) -> Trace`: one forward pass, its numbers as arrays
    attention       masks, weights step by step, what heads do; and the other topics, pure computation one a file
    training        the corpus reader, the objectives, the loop, the scores: makes assets/models
    figures         arrays -> plotly figures
    views           everything that talks to Streamlit
    cli             the `explainers` command

The axes, as every docstring names them:

    tokens      positions in one sequence, special tokens included
    vocab       entries of a checkpoint's vocabulary
    layers      blocks of one stack
    heads       attention heads of one layer
    queries     positions that look, keys: positions that are looked at; tokens of one sequence, or of two (cross)
    d_model     width of the hidden vectors; d_head is the width of one head's queries, keys and values
    batch       sequences computed together
"""
