"""The words: typed entries with their relations to other words, read from the data files of assets/everyday."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explainers.language import _
from explainers.training.everyday.inflection import PRONOUNS, Irregular

PEOPLE = frozenset({"man", "woman"})
"""The types of people's names, which come back within a document."""

_RESERVED = frozenset({"plural", "mass", "a", "proper", "they", "plural_only"})
_THEY = frozenset({*PRONOUNS, "any"})
_PARTS = frozenset({"words", "types", "verbs", "frames"})


class EverydayError(ValueError):
    """A data file that cannot be read, with the file and the frame or entry at fault."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A word or phrase, how it behaves in a sentence, and the relations that it has. Compared by identity."""

    word: str
    type: str = ""
    plural: str = ""
    mass: bool = False
    article: str = ""
    proper: bool = False
    they: str = "it"
    plural_only: bool = False
    relations: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Lexicon:
    """Entries by type, unions of types, and the irregular verbs."""

    entries: Mapping[str, tuple[Entry, ...]]
    unions: Mapping[str, tuple[str, ...]]
    verbs: Irregular

    def of(self, kind: str) -> tuple[Entry, ...]:
        """All entries of a type or of a union of types."""
        if kind in self.entries:
            return self.entries[kind]
        types = [kind]
        for name in types:
            types += [member for member in self.unions.get(name, ()) if member not in types]
        return tuple(entry for name in types for entry in self.entries.get(name, ()))

    def has(self, kind: str) -> bool:
        """Whether a file defines this type or union."""
        return kind in self.entries or kind in self.unions


def load(folder: Path) -> dict[str, dict[str, Any]]:
    """The data files of the folder by file name. Raises EverydayError for what is no TOML or has an unknown part."""
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            files[path.name] = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise EverydayError(_("{file} is no valid TOML: {error}.").format(file=path.name, error=error)) from error
        for part in files[path.name].keys() - _PARTS:
            raise EverydayError(_("{file} has the unknown part {part}.").format(file=path.name, part=part))
    if not files:
        raise EverydayError(_("{folder} has no .toml file with everyday words.").format(folder=folder))
    return files


def lexicon(files: Mapping[str, Mapping[str, Any]]) -> Lexicon:
    """The words of all files as one lexicon: one type may stand in several files, one entry of a type only once."""
    attributes = _attributes(files)
    unions: dict[str, tuple[str, ...]] = {}
    for file, part in _parts(files, "types"):
        for name, members in part.items():
            if name in attributes:
                raise EverydayError(_("{file}: the union {name} has the name of a type.").format(file=file, name=name))
            unions[name] = tuple(dict.fromkeys([*unions.get(name, ()), *members]))
    for file, part in _parts(files, "types"):
        for name, members in part.items():
            for member in members:
                if member not in attributes and member not in unions:
                    raise EverydayError(
                        _("{file}: the union {name} names the type {member}, which no file defines.").format(
                            file=file, name=name, member=member
                        )
                    )
    return Lexicon(_linked(attributes), unions, _verbs(files))


Attributes = dict[str, dict[str, dict[str, Any]]]


def _parts(files: Mapping[str, Mapping[str, Any]], part: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for file, content in files.items():
        if part in content:
            yield file, content[part]


def _attributes(files: Mapping[str, Mapping[str, Any]]) -> Attributes:
    """type -> word -> attribute -> value, checked."""
    types: Attributes = {}
    for file, part in _parts(files, "words"):
        for kind, words in part.items():
            known = types.setdefault(kind, {})
            for word, attributes in words.items():
                where = {"file": file, "type": kind, "word": word}
                if word in known:
                    raise EverydayError(_("{file}: {type} {word} is defined twice.").format(**where))
                if not isinstance(attributes, dict):
                    raise EverydayError(_("{file}: {type} {word} is no table of attributes.").format(**where))
                if attributes.get("they", "it") not in _THEY:
                    raise EverydayError(
                        _("{file}: {type} {word} has a pronoun other than he, she, it, they, any.").format(**where)
                    )
                for name in attributes.keys() - _RESERVED:
                    if not _values(attributes[name]):
                        raise EverydayError(
                            _("{file}: {type} {word}: {name} is no text or list of texts.").format(**where, name=name)
                        )
                known[word] = attributes
    return types


def _values(value: object) -> list[str]:
    """A relation's values as a list; empty where it is malformed."""
    values = value if isinstance(value, list) else [value]
    texts = [item for item in values if isinstance(item, str) and item]
    return texts if len(texts) == len(values) else []


def _linked(attributes: Attributes) -> dict[str, tuple[Entry, ...]]:
    """Entries whose relations lead to entries: a value that is a word of several types gets the type that most other
    values of its relation have, and one that is no word of any type becomes a regular count noun.
    """
    entries = {
        kind: {word: _entry(word, kind, given) for word, given in words.items()} for kind, words in attributes.items()
    }
    by_word: dict[str, list[Entry]] = defaultdict(list)
    for words in entries.values():
        for word, entry in words.items():
            by_word[word].append(entry)
    unknown: dict[str, Entry] = {}
    for kind, words in entries.items():
        relations = {name for given in attributes[kind].values() for name in given if name not in _RESERVED}
        for relation in sorted(relations):
            values = {word: _values(given[relation]) for word, given in attributes[kind].items() if relation in given}
            types = Counter(
                entry.type for names in values.values() for name in names for entry in by_word.get(name, ())
            )
            for word, names in values.items():
                linked = tuple(
                    max(by_word[name], key=lambda entry: types[entry.type])
                    if name in by_word
                    else unknown.setdefault(name, Entry(name))
                    for name in dict.fromkeys(names)
                )
                _relations(words[word])[relation] = linked
    return {kind: tuple(words.values()) for kind, words in entries.items()}


def _relations(entry: Entry) -> dict[str, tuple[Entry, ...]]:
    """The relations of an entry that is still being linked, to be filled in."""
    assert isinstance(entry.relations, dict)  # noqa: S101 - made as a dict a moment ago
    return entry.relations


def _entry(word: str, kind: str, given: Mapping[str, Any]) -> Entry:
    plural_only = bool(given.get("plural_only", False))
    return Entry(
        word,
        kind,
        plural=given.get("plural", ""),
        mass=bool(given.get("mass", False)),
        article=given.get("a", ""),
        proper=bool(given.get("proper", False)),
        they=given.get("they", "they" if plural_only else "it"),
        plural_only=plural_only,
    )


def _verbs(files: Mapping[str, Mapping[str, Any]]) -> Irregular:
    verbs: dict[str, tuple[str, str]] = {}
    for file, part in _parts(files, "verbs"):
        for base, forms in part.items():
            if not (isinstance(forms, list) and len(forms) == 2 and _values(forms)):
                raise EverydayError(
                    _("{file}: the verb {verb} needs two forms, past and past participle.").format(file=file, verb=base)
                )
            if verbs.setdefault(base, (forms[0], forms[1])) != (forms[0], forms[1]):
                raise EverydayError(
                    _("{file}: the verb {verb} has other forms in another file.").format(file=file, verb=base)
                )
    return verbs
