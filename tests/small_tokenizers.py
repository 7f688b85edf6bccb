"""Small tokenizers whose every number can be checked by hand, as checkpoints in hub layout."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE, Unigram, WordPiece

from explainers.checkpoints import Checkpoint, Family
from explainers.tokenization.alphabet import BYTES

CONTEXT: dict[Family, str] = {"bert": "max_position_embeddings", "gpt2": "n_positions", "t5": "n_positions"}


def checkpoint(folder: Path, family: Family, tokenizer: Tokenizer, context: int = 512) -> Checkpoint:
    """A checkpoint of the family with this tokenizer and no weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": family, CONTEXT[family]: context}))
    tokenizer.save(str(folder / "tokenizer.json"))
    return Checkpoint(f"small-{family}", folder)


def bert(pieces: str, *, lowercase: bool = True, **options: object) -> Tokenizer:
    """BERT's tokenizer over these pieces, divided by blanks; special tokens have the ids 0 to 4."""
    vocab = {piece: at for at, piece in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *pieces.split()])}
    tokenizer = Tokenizer(WordPiece(vocab, unk_token="[UNK]", **options))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tokenizer


def gpt2(
    merges: list[tuple[str, str]],
    *,
    add_prefix_space: bool = False,
    trim_offsets: bool = False,
    alphabet: str = "",
    **options: object,
) -> Tokenizer:
    """GPT-2's tokenizer with these merges over all bytes (or over the alphabet, in its stand-ins)."""
    symbols = [*(alphabet or BYTES), *(left + right for left, right in merges)]
    vocab = {symbol: at for at, symbol in enumerate(dict.fromkeys([*symbols, *options.pop("extra", ())]))}  # type: ignore[misc]
    tokenizer = Tokenizer(BPE(vocab, merges, **options))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    # As OpenAI's own file has it: matched after normalisation, which this tokenizer has none of.
    tokenizer.add_special_tokens([AddedToken("<|endoftext|>", normalized=True, special=True)])
    return tokenizer


def t5(scores: Mapping[str, float], normalizer: normalizers.Normalizer | None = None, *, fallback: bool) -> Tokenizer:
    """T5's tokenizer over these pieces; <pad>, </s> and <unk> have the ids 0 to 2, then the bytes, if it falls back."""
    spelled = [(f"<0x{byte:02X}>", -20.0) for byte in range(256)] if fallback else []
    sentinels = [(f"<extra_id_{at}>", -19.0) for at in reversed(range(100))]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *spelled, *scores.items(), *sentinels]
    tokenizer = Tokenizer(Unigram(vocab, unk_id=2, byte_fallback=fallback))
    tokenizer.normalizer = normalizer or normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>", *(sentinel for sentinel, _score in sentinels)])
    return tokenizer


def hub_normalizer(rules: Mapping[str, str]) -> normalizers.Normalizer:
    """The normalizer of t5-small's file: SentencePiece's compiled rules, runs of blanks collapsed, none at the end."""
    return normalizers.Sequence(
        [
            normalizers.Precompiled(charsmap(rules)),
            normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), "▁"),
        ]
    )


def charsmap(rules: Mapping[str, str]) -> bytes:
    """Replacement rules as SentencePiece compiles them: a double-array trie of the left sides, then the right sides.

    Every node has 256 units of its own: byte b below node n has the unit at n's base plus b, a leaf's value that at the
    base.
    """
    nodes = sorted({key.encode()[:length] for key in rules for length in range(len(key.encode()) + 1)}, key=len)
    base = {node: 256 * (at + 1) for at, node in enumerate(nodes)}
    units = [0] * (256 * (len(nodes) + 1))
    right = b""
    for node in nodes:
        position = base[node[:-1]] + node[-1] if node else 0
        units[position] = (position ^ base[node]) << 10 | (node[-1] if node else 0)
        text = rules.get(node.decode(errors="surrogateescape"))
        if text is not None:
            units[position] |= 1 << 8
            units[base[node]] = 1 << 31 | len(right)
            right += text.encode() + b"\0"
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + right
