"""How BERT, GPT-2 and T5 cut a text: tokens with their exact place in it, the algorithms' steps, the vocabularies.

What the spans promise. `Token.start` and `Token.end` count characters (Unicode code points) of what was typed:

- 0 <= start <= end <= len(text), and along the tokens of one source neither starts nor ends ever decrease.
- A token covers all the characters that it came from: both of "e" + accent where the two were composed, the one "½" for
  each of "1", "⁄" and "2", the one "한" for each of its three letters, the whole character for each of its bytes, the
  blank that "Ġ" or "▁" stands for. Tokens overlap only where they share such a character.
- "Came from" is the normalizer's own word: the text is divided, as finely as can be, where normalising the stretches
  one by one gives what normalising them together gives; a token covers the stretches that its characters are from.
- What normalisation or pre-tokenization takes away (blanks in BERT, control characters) is in no span, unless it stands
  within a token ("a\\x00b") or is a combining mark right after the token's last character: a stripped accent belongs to
  its letter.
- The "▁" that T5 puts before a text stands for nothing typed: its token starts where the next character does, and is
  empty (start == end) where it is nothing but this "▁".
- A special token that was typed ("[MASK]") covers what was typed. Template tokens have source None and the span 0, 0.

Only where the library's normalizer, pre-tokenizer and model, asked one by one, do not explain what its `encode` gives
(no known tokenizer of the three families) are the spans the library's own, kept inside the text and in order.
"""

from explainers.tokenization.bpe import BpeMerge, BpeSteps
from explainers.tokenization.encode import tokenize
from explainers.tokenization.languages import LanguageCost, language_costs
from explainers.tokenization.steps import Steps, TooLong, explain
from explainers.tokenization.tokens import Counts, Kind, Mark, StepsError, TextError, Token, Tokenization, Word
from explainers.tokenization.unigram import Edge, Path, UnigramSteps
from explainers.tokenization.vocabulary import Entry, search, vocabulary
from explainers.tokenization.wordpiece import WordPieceSteps, WordPieceTry
from explainers.tokenization.words import Place, most_cut_place, word_at

__all__ = [
    "BpeMerge",
    "BpeSteps",
    "Counts",
    "Edge",
    "Entry",
    "Kind",
    "LanguageCost",
    "Mark",
    "Path",
    "Place",
    "Steps",
    "StepsError",
    "TextError",
    "Token",
    "Tokenization",
    "TooLong",
    "UnigramSteps",
    "Word",
    "WordPieceSteps",
    "WordPieceTry",
    "explain",
    "language_costs",
    "most_cut_place",
    "search",
    "tokenize",
    "vocabulary",
    "word_at",
]
