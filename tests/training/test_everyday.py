"""Everyday English: frames that are filled, what is held out, gaps and their answers, documents."""

import argparse
import random
import zlib
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
import regex

from explainers.training import command, corpus
from explainers.training.everyday import Everyday, EverydayError, Text, documents, write
from explainers.training.everyday.generate import Plan
from tests.training.small_everyday import everyday, filled, take


def is_held_out(key: str) -> bool:
    return zlib.crc32(key.encode()) % 10 == 0


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("{x:ape_or|a} sees {y:animal|a}.", None),
        ("the {a:animal} lives in {a.home|a} and eats {a.eats|a}.", "The ape lives in an old tree and eats fruit."),
        (
            "{a:animal|s} eat {f=a.eats} from {b=f.kept|a}. the {b|s} are full of {f}.",
            "Apes eat fruit from a bowl. The bowlfuls are full of fruit.",
        ),
        ("A {a:animal} and a {t:thing}? {t.use} with {t|a}.", "An ape and a scissors? Cut paper with scissors."),
        (
            "{w:woman} [|]is [ ]here [], [with {m:man} ]. {w.they} gave {m.them} {m.their} fruit.[ ]",
            "Ada is here, with Bo. She gave him his fruit.",
        ),
        (
            "The {a:animal} {a.sound|3}, {a.sound|past}, has {a.sound|done}, is {a.sound|ing}.",
            "The ape cries out, cried out, has cried out, is crying out.",
        ),
        ("{a:thing.use} with {a|a}.", "Cut paper with scissors."),
        ("{f.colour|cap|a} {f:food} {f.colour}.", "An Orange fruit orange."),
    ],
)
def test_frames_are_filled(frame: str, expected: str | None, tmp_path: Path) -> None:
    if expected is None:
        with pytest.raises(EverydayError, match="ape_or"):
            everyday(tmp_path, frame)
    else:
        assert filled(tmp_path, frame).text == expected


def test_one_person_is_he_or_she_throughout_a_text(tmp_path: Path) -> None:
    made = everyday(tmp_path, "{a:animal|a} [cut|saw] {a.themselves}: {a.they}, {a.them}, {a.their}, {a.theirs}.")
    found = {text.text.split(": ")[1] for text in take(made, "training", 50)}
    assert found == {"he, him, his, his.", "she, her, her, hers."}


def test_two_variables_never_print_the_same_word(tmp_path: Path) -> None:
    made = everyday(tmp_path, "{x:person} met {y:mortal} and {z:mortal}.")
    found = Counter(text.text for text in take(made, "training", 600))
    assert set(found) == {
        f"{x} met {y} and {z}."
        for x, y, z in (("Ada", "ape", "Bo"), ("Ada", "Bo", "ape"), ("Bo", "ape", "Ada"), ("Bo", "Ada", "ape"))
    }
    assert min(found.values()) > 100


def test_two_names_of_one_relation_are_two_values(tmp_path: Path) -> None:
    words = '[words.animal]\ncow = {gives = ["milk", "meat"]}\n'
    made = everyday(tmp_path, "The {a:animal} gives {x=a.gives}, {a.gives} and {y=a.gives}: {x}, {y}.", words=words)
    found = {made.fill(Plan(made.frames[0], made.lexicon, True), random.Random(seed)) for seed in range(20)}
    texts = {text.text for text in found if text}
    assert texts <= {"The cow gives milk, milk and meat: milk, meat.", "The cow gives meat, meat and milk: meat, milk."}


def test_a_value_of_two_types_has_the_type_of_its_neighbours(tmp_path: Path) -> None:
    words = (
        '[words.animal]\nchicken = {}\nfox = {eats = ["chicken", "fruit"]}\n'
        "[words.food]\nchicken = {mass = true}\nfruit = {mass = true}\n"
    )
    made = everyday(tmp_path, "The {a:animal} eats {a.eats|a}.", words=words)
    fox = made.lexicon.entries["animal"][1]
    assert [value.type for value in fox.relations["eats"]] == ["food", "food"]


def _large(folder: Path) -> Everyday:
    """Sixty animals of four foods each, forty frames: enough for a tenth of each to be held out."""
    foods = [f"food{n}" for n in range(25)]
    animals = "\n".join(f"animal{n} = {{eats = {[foods[(7 * n + k) % 25] for k in range(4)]}}}" for n in range(60))
    frames = [f"Sentence {n}: the {{a:animal}} eats {{a.eats|s}}, [yes|no], {{a.eats}}." for n in range(40)]
    people = "\n".join(f"Person{n} = {{proper = true, they = 'she'}}" for n in range(40))
    return everyday(
        folder, *frames, "Hello, {p:woman}, {q:woman}.", words=f"[words.animal]\n{animals}\n[words.woman]\n{people}\n"
    )


def test_nothing_that_is_held_out_is_trained_on(tmp_path: Path) -> None:
    made = _large(tmp_path)

    def held_out(text: Text) -> tuple[bool, int]:
        assert all(
            gap.held_out == is_held_out(f"{gap.type}/{gap.entry}/{gap.relation}/{gap.value}") for gap in text.gaps
        )
        keys = [f"{gap.type}/{gap.entry}/{gap.relation}/{gap.value}" for gap in text.gaps]
        return is_held_out(text.frame.text), sum(map(is_held_out, keys))

    for split in ("training", "seen"):
        assert {held_out(text) for text in take(made, split, 10_000)} == {(False, 0)}
    assert {held_out(text) for text in take(made, "new frames", 500)} == {(True, 0)}
    assert {held_out(text) for text in take(made, "new relations", 500)} == {(False, 1)}


def test_gaps_point_at_an_acceptable_answer(tmp_path: Path) -> None:
    made = _large(tmp_path)
    for split in ("seen", "new frames", "new relations"):
        for text in take(made, split, 300):
            (gap,) = text.gaps
            assert text.text[gap.start : gap.end] in gap.answers
            assert text.text[gap.start : gap.end] == gap.value + "s"
            assert len(gap.answers) == 4


def test_an_answer_at_the_start_of_a_sentence_has_its_capital(tmp_path: Path) -> None:
    text = filled(tmp_path, "Where? {a.home|a} is where the {a:animal} is; {a.eats}.")
    assert text.text == "Where? An old tree is where the ape is; fruit."
    assert [(gap.start, gap.end, gap.answers) for gap in text.gaps] == [
        (7, 18, frozenset({"An old tree"})),
        (40, 45, frozenset({"fruit"})),
    ]


def test_one_seed_is_one_text(tmp_path: Path) -> None:
    first = [text.text for text in take(_large(tmp_path), "training", 100, seed=3)]
    assert [text.text for text in take(_large(tmp_path), "training", 100, seed=3)] == first
    assert [text.text for text in take(_large(tmp_path), "training", 100, seed=4)] != first


def test_documents_are_the_corpus_format_and_people_come_back(tmp_path: Path) -> None:
    made = _large(tmp_path)
    write(made, tmp_path / "everyday.txt", seed=1, megabytes=0.05)
    written = list(corpus.documents(tmp_path / "everyday.txt"))
    assert 50_000 <= (tmp_path / "everyday.txt").stat().st_size < 52_000
    assert all(6 <= len(regex.findall(r"\.(?: |$)", " ".join(document))) <= 14 for document in written)
    assert written[0] == next(documents(made, random.Random(1)))
    frames = [regex.findall(r"Sentence \d+", " ".join(document)) for document in written]
    assert all(len(found) == len(set(found)) for found in frames)

    people = "\n".join(f"Person{n} = {{proper = true, they = 'she'}}" for n in range(1_000))
    made = everyday(tmp_path, *[f"Hello {n}, {{p:woman}}." for n in range(30)], words=f"[words.woman]\n{people}\n")
    again = new = 0
    for document in islice(documents(made, random.Random(0)), 200):
        known: set[str] = set()
        for person in regex.findall(r"Person\d+", " ".join(document)):
            again, new = again + (person in known), new + (person not in known)
            known.add(person)
    assert 0.35 < again / (again + new) < 0.5


def test_training_writes_the_source_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = command.everyday_text(tmp_path, 0.01)
    before = path.read_bytes()
    assert command.everyday_text(tmp_path, 0.01).read_bytes() == before
    assert list(corpus.sources(tmp_path)) == [command.EVERYDAY]
    assert capsys.readouterr().out.count("everyday English") == 1
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert parser.parse_args(["bert", "--corpus", "texts"]).everyday == 36
    assert sum(corpus.SHARES.values()) == pytest.approx(1)
    assert corpus.SHARES[command.EVERYDAY] == 0.14
