"""How the built-in models are made: the text, the three vocabularies, the three objectives, the loop, the scores."""
