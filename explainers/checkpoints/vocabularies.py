"""The tokenizer of a folder: tokenizer.json, or the older files that say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explainers.checkpoints.families import CheckpointError, Family
from explainers.language import _

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Any one of these groups is enough; the first that is complete is used.
TOKENIZER_FILES: dict[Family, tuple[tuple[str, ...], ...]] = {
    "bert": (("tokenizer.json",), ("vocab.txt",)),
    "gpt2": (("tokenizer.json",), ("vocab.json", "merges.txt")),
    "t5": (("tokenizer.json",),),
}


def read_tokenizer(folder: Path, family: Family) -> Tokenizer:
    """The folder's tokenizer, without truncation or padding; raises CheckpointError where there is none."""
    files = next((group for group in TOKENIZER_FILES[family] if all((folder / name).is_file() for name in group)), None)
    if files is None:
        raise CheckpointError(
            _("{folder} has no tokenizer.json: choose a folder that holds one.").format(folder=folder)
        )
    try:
        tokenizer = _read(folder, files)
    except Exception as error:  # the library raises a bare Exception for any fault of the file
        raise CheckpointError(
            _("{path} is not a tokenizer that can be read: {error}.").format(path=folder / files[0], error=error)
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _read(folder: Path, files: tuple[str, ...]) -> Tokenizer:
    if files == ("vocab.txt",):
        return _wordpiece(folder)
    if files == ("vocab.json", "merges.txt"):
        return _byte_level(folder)
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / files[0]))


def _wordpiece(folder: Path) -> Tokenizer:
    """BERT's tokenizer from vocab.txt, one piece a line; tokenizer_config.json says whether letters stay large."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    config = _configuration(folder)
    vocabulary = models.WordPiece.read_file(str(folder / "vocab.txt"))
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(
        lowercase=bool(config.get("do_lower_case", True)),
        strip_accents=config.get("strip_accents"),
        handle_chinese_chars=bool(config.get("tokenize_chinese_chars", True)),
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return tokenizer


def _byte_level(folder: Path) -> Tokenizer:
    """GPT-2's tokenizer from vocab.json and merges.txt."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    vocabulary, merges = models.BPE.read_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def _configuration(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content if isinstance(content, dict) else {}
