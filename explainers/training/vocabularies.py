"""The three vocabularies, each cut and trained the way its paper's was.

BERT: WordPiece over lower-cased, accent-stripped words (Devlin et al. 2019).
GPT-2: byte-level BPE (Radford et al. 2019).
T5: a SentencePiece-style unigram model with sentinels (Raffel et al. 2020), and a piece for every byte, so that no text
is unknown.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from explainers.checkpoints import Family

BERT_SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
END_OF_TEXT = "<|endoftext|>"
T5_SPECIALS = ("<pad>", "</s>", "<unk>")
SENTINELS = 100
_ONE_SCRIPT = r"▁?\p{N}+|▁?[^\p{L}\p{M}\p{N}▁]+"  # the runs that part a text into letters, digits and signs
VOCABULARY: dict[Family, int] = {"bert": 10_240, "gpt2": 8_192, "t5": 8_448}


def train(family: Family, paragraphs: Iterable[str], size: int | None = None) -> Tokenizer:
    """A tokenizer of this family's kind, learned from the paragraphs, with `size` entries in all."""
    trainer = {"bert": wordpiece, "gpt2": byte_level_bpe, "t5": unigram}[family]
    return trainer(paragraphs, size or VOCABULARY[family])


def wordpiece(paragraphs: Iterable[str], size: int) -> Tokenizer:
    """BERT's: lower case, accents stripped, cut at blanks and punctuation, then WordPiece.

    Every letter of the Latin, Greek and Cyrillic alphabets and every conjoining jamo has an entry at the start of a
    word
    and one within (##), so that such words are spelled out and never unknown.
    """
    alphabet = _alphabet()
    tokenizer = _empty_wordpiece({token: number for number, token in enumerate(BERT_SPECIALS)})
    within = [f"##{letter}" for letter in alphabet]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=list(BERT_SPECIALS), initial_alphabet=alphabet,
        limit_alphabet=len(alphabet) + 400, min_frequency=5, show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(paragraphs, trainer)
    pieces = _by_id(tokenizer)
    learned = set(pieces)
    unseen = [piece for piece in within if piece not in learned]
    pieces = pieces[: size - len(unseen)] + unseen
    return _empty_wordpiece({piece: number for number, piece in enumerate(pieces)})


def byte_level_bpe(paragraphs: Iterable[str], size: int) -> Tokenizer:
    """GPT-2's: the 256 bytes, then merges, then one special token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - 1, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), min_frequency=2, show_progress=False
    )
    tokenizer.train_from_iterator(paragraphs, trainer)
    tokenizer.add_special_tokens([AddedToken(END_OF_TEXT, normalized=False, special=True)])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def unigram(paragraphs: Iterable[str], size: int) -> Tokenizer:
    """T5's: a unigram model over text whose blanks became ▁, 256 byte pieces, and 100 sentinels.

    The sentinels stand at the end and descend: <extra_id_0> has the highest id, as in the released vocabulary. No piece
    that is learned mixes letters with digits or signs, as SentencePiece's own training has it.
    """
    tokenizer = Tokenizer(models.Unigram())
    _dress_unigram(tokenizer)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [tokenizer.pre_tokenizer, pre_tokenizers.Split(Regex(_ONE_SCRIPT), "isolated")]
    )
    learned = size - SENTINELS - 256 - len(T5_SPECIALS)
    trainer = trainers.UnigramTrainer(
        vocab_size=learned + 1, special_tokens=["<unk>"], unk_token="<unk>", max_piece_length=16,
        shrinking_factor=0.9, n_sub_iterations=4,  # slowly: in haste, "▁a" and "▁on" are given up for "▁" and the rest
        show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(paragraphs, trainer)
    trained = _by_id(tokenizer)[1:]
    scores = _unigram_scores(tokenizer)
    lowest = min(scores[piece] for piece in trained)
    vocabulary = [(piece, 0.0) for piece in T5_SPECIALS]
    vocabulary += [(piece, scores[piece]) for piece in trained[:learned]]
    vocabulary += [(f"<0x{byte:02X}>", lowest - 10.0) for byte in range(256)]
    sentinels = [f"<extra_id_{number}>" for number in reversed(range(SENTINELS))]
    vocabulary += [(sentinel, 0.0) for sentinel in sentinels]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=T5_SPECIALS.index("<unk>"), byte_fallback=True))
    _dress_unigram(tokenizer)
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in (*T5_SPECIALS, *sentinels)]
    )
    end = "</s>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", pair=f"$A {end} $B {end}", special_tokens=[(end, tokenizer.token_to_id(end))]
    )
    return tokenizer


def _empty_wordpiece(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in BERT_SPECIALS])
    cls, sep = ((token, vocabulary[token]) for token in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[cls, sep]
    )
    return tokenizer


def _dress_unigram(tokenizer: Tokenizer) -> None:
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="always")]
    )


def _by_id(tokenizer: Tokenizer) -> list[str]:
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def _unigram_scores(tokenizer: Tokenizer) -> dict[str, float]:
    return dict(json.loads(tokenizer.to_str())["model"]["vocab"])


def _alphabet() -> list[str]:
    """Letters that stay themselves when lower-cased and stripped of accents: Latin, Greek, Cyrillic; and conjoining
    jamo.
    """
    blocks = [range(0x0021, 0x0250), range(0x0370, 0x0530), range(0x1100, 0x1200)]
    letters = []
    for code in (code for block in blocks for code in block):
        character = chr(code)
        if unicodedata.category(character) in {"Cn", "Cc", "Cf", "Mn"}:
            continue
        plain = unicodedata.normalize("NFD", character.lower())
        if plain == character:
            letters.append(character)
    return letters
