"""The data files of everyday English: what is wrong with a bad one is said, and the real ones are good."""

import random
from pathlib import Path

import pytest
import regex

from explainers.training.everyday import FOLDER, Everyday, EverydayError, read
from explainers.training.everyday.generate import Plan
from tests.training.small_everyday import everyday, take


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ("The {a:animul}.", 'frames.toml, frame "The {a:animul}.": no file defines the type animul.'),
        (
            "The {a:animal}, {a.size}.",
            'frames.toml, frame "The {a:animal}, {a.size}.": no animal has the relation size.',
        ),
        ("{a:animal}, {f=a.eats}, {f.size}.", "no entry has all its relations."),
        ("The {a:animal|b}.", "{a:animal|b} has the unknown filter b."),
        ("The {a:animal} {b}.", "b is never bound."),
        ("The {b.size}.", "b is never bound."),
        ("The {a:animal} {a:food}.", "a is bound twice."),
        ("The {a animal}.", "{a animal} is no slot."),
        ("The {b=a:animal}.", "{b=a:animal} is no slot."),
        ("The {a:animal.", "a bracket or brace at character 5 has no partner."),
        ("The a:animal}.", "a bracket or brace at character 13 has no partner."),
        ("[The|[A|An]] ape.", "a bracket or brace at character 1 has no partner."),
    ],
)
def test_a_bad_frame_is_named(frame: str, error: str, tmp_path: Path) -> None:
    with pytest.raises(EverydayError) as raised:
        everyday(tmp_path, frame)
    assert str(raised.value).endswith(error)
    assert frame in str(raised.value)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ("[words.animal]\nape = {}\n", "words.toml: animal ape is defined twice."),
        ("[words.animal]\ncat = 3\n", "more.toml: animal cat is no table of attributes."),
        ("[words.animal]\ncat = {eats = 3}\n", "more.toml: animal cat: eats is no text or list of texts."),
        (
            '[words.animal]\ncat = {they = "them"}\n',
            "more.toml: animal cat has a pronoun other than he, she, it, they, any.",
        ),
        ('[types]\nbeing = ["plant"]\n', "more.toml: the union being names the type plant, which no file defines."),
        ('[types]\nanimal = ["food"]\n', "more.toml: the union animal has the name of a type."),
        ('[verbs]\ngo = ["went"]\n', "more.toml: the verb go needs two forms, past and past participle."),
        ('[verbs]\ncut = ["cutted", "cut"]\n', "words.toml: the verb cut has other forms in another file."),
        ("[wrods]\n", "more.toml has the unknown part wrods."),
        ("[words", "more.toml is no valid TOML"),
    ],
)
def test_a_bad_entry_is_named(more: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(more)
    with pytest.raises(EverydayError) as raised:
        everyday(tmp_path, "The {a:animal}.")
    assert str(raised.value).startswith(error)


def test_an_empty_folder_and_a_split_without_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EverydayError, match=r"no \.toml file"):
        read(tmp_path)
    with pytest.raises(EverydayError, match="seen"):
        take(everyday(tmp_path, "Hello, {p:person}."), "seen", 1)


def test_a_type_grows_over_files(tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text("[words.animal]\nbee = {}\n")
    made = everyday(tmp_path, "The {a:animal}.")
    assert {entry.word for entry in made.lexicon.of("mortal")} == {"ape", "bee", "Ada", "Bo"}


@pytest.fixture(scope="module")
def real() -> Everyday:
    return read(FOLDER)


def test_the_data_files_are_large_and_every_frame_can_be_filled(real: Everyday) -> None:
    assert sum(map(len, real.lexicon.entries.values())) >= 3_000
    assert len(real.frames) >= 400
    for frame in real.frames:
        plans = [Plan(frame, real.lexicon, new_relations) for new_relations in (False, True)]
        assert any(real.fill(plan, random.Random(seed)) for plan in plans if plan.weight for seed in range(9)), (
            frame.text
        )


_FAULTS = regex.compile(
    r"[{}\[\]|]|  | [,.!?;:]|\b[Aa]n? (?:an?|the) |[,.!?;][,;]|"
    r"\b[Aa] (?!one|once|eu|uni|us|ut|u-|U-|ewe|ukulele)[aeiouAEIOU]\w|"
    r"\b[Aa]n (?!hour|honest|honou?r|heir|[XFLMNRS]-|8|11|18)[^aeiouAEIOU]|"
    r"^(?![\"']?[\p{Lu}\d])|(?<![ap]\.m)(?<!\.\.)[.!?] \p{Ll}|[.] [\"']\p{Ll}",
)


def test_real_texts_have_no_slots_double_blanks_wrong_articles_or_small_starts(real: Everyday) -> None:
    for split in ("training", "new frames", "new relations"):
        for text in take(real, split, 5_000 if split == "training" else 500):
            assert not (fault := _FAULTS.search(text.text)), f"{fault}: {text.text}"
            assert regex.search(r"[.!?][\"']?$", text.text), text.text
            for gap in text.gaps:
                assert text.text[gap.start : gap.end] in gap.answers
