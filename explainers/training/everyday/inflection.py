"""The forms of English words: articles, plurals, the forms of verbs, pronouns and the capitals of sentences.

Rules by spelling with tables of common exceptions; what a table lacks, a data file can say for its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import regex

Irregular = Mapping[str, tuple[str, str]]
"""Irregular verbs: base form -> (past, past participle)."""

PRONOUNS: Mapping[str, Mapping[str, str]] = {
    "he": {"they": "he", "them": "him", "their": "his", "theirs": "his", "themselves": "himself"},
    "she": {"they": "she", "them": "her", "their": "her", "theirs": "hers", "themselves": "herself"},
    "it": {"they": "it", "them": "it", "their": "its", "theirs": "its", "themselves": "itself"},
    "they": {"they": "they", "them": "them", "their": "their", "theirs": "theirs", "themselves": "themselves"},
}

_AN = regex.compile(r"(?:hour|honest|honou?r|heir)|8|1[18](?!\d)|[fhlmnrsx]-|x-ray")
_A = regex.compile(
    r"uni(?!nt|nv|ns|nh|nf|mp|ma)|us(?:e|u|able|ing)(?!r?-)|ut(?:ensil|ility)|u-|eu|ewe|ukulele|urin|one(?![a-z])|once"
)
_BARE = regex.compile(r"(?:the|an?|some|any|my|your|his|her|its|our|their|no|every|each|this|that|two|three)\s")

_IRREGULAR_PLURALS = (
    "child children, man men, woman women, person people, mouse mice, louse lice, tooth teeth, foot feet, "
    "goose geese, ox oxen, knife knives, wife wives, life lives, leaf leaves, wolf wolves, shelf shelves, "
    "loaf loaves, half halves, calf calves, thief thieves, scarf scarves, elf elves, hoof hooves, self selves, "
    "potato potatoes, tomato tomatoes, hero heroes, echo echoes, mosquito mosquitoes, mango mangoes, "
    "volcano volcanoes, quiz quizzes, stomach stomachs, cactus cacti, sheep sheep, fish fish, deer deer, "
    "moose moose, series series, species species, aircraft aircraft, spacecraft spacecraft"
)
_PLURALS: Mapping[str, str] = dict(pair.split(" ") for pair in _IRREGULAR_PLURALS.split(", "))
_PLURAL_ENDINGS = ("child", "woman", "man", "person", "tooth", "foot", "knife", "wife", "leaf", "shelf", "fish", "self")
_NO_MEN = ("human", "german", "roman", "shaman", "talisman", "caiman")
_HEAD = regex.compile(r"(?P<head>[^\s-]+)(?P<rest>(?:\s(?:of|in|for|with|from|on|at|to)\s|-(?:in|of|by|up)(?:-|$)).*)")

_THIRD: Mapping[str, str] = {"be": "is", "have": "has", "do": "does", "go": "goes"}
_DOUBLED = frozenset(
    (
        *("begin", "forget", "prefer", "admit", "regret", "permit", "occur", "refer", "commit", "submit", "transfer"),
        *("upset", "unplug", "unzip", "unwrap", "rewrap", "kidnap", "forbid", "equip", "babysit", "dial", "fuel"),
    )
)
_SHORT = regex.compile(r"(?:qu|[^aeiou])*[aeiou][bdfgklmnprtvz]|\w*[^aeiou][aeiou]l")  # stop, travel; not rain, visit


def article(phrase: str) -> str:
    """ "a" or "an", by the sound that the phrase begins with."""
    word = phrase.lstrip("\"'(").lower()
    if _AN.match(word):
        return "an"
    if _A.match(word):
        return "a"
    return "an" if word[:1] in set("aeiou") else "a"


def is_determined(phrase: str) -> bool:
    """Whether the phrase begins with an article or another word that leaves no room for one."""
    return _BARE.match(phrase) is not None


def plural(phrase: str) -> str:
    """The plural of a noun; in "cup of tea" that of its head, in "kitchen table" that of the last word."""
    if (parts := _HEAD.search(phrase)) is not None:
        return phrase[: parts.start()] + plural(parts["head"]) + parts["rest"]
    before, blank, word = phrase.rpartition(" ")
    return before + blank + _plural_word(word)


def third_person(phrase: str) -> str:
    """A verb phrase in the present tense of he, she or it."""
    return _inflected(phrase, _third_person)


def past(phrase: str, irregular: Irregular) -> str:
    """A verb phrase in the past tense."""
    return _inflected(phrase, lambda word: irregular[word][0] if word in irregular else _regular_past(word))


def participle(phrase: str, irregular: Irregular) -> str:
    """A verb phrase with the past participle, as after "has"."""
    return _inflected(phrase, lambda word: irregular[word][1] if word in irregular else _regular_past(word))


def ing(phrase: str) -> str:
    """A verb phrase in its -ing form."""
    return _inflected(phrase, _ing)


def _inflected(phrase: str, form: Callable[[str], str]) -> str:
    """The phrase with its first word in that form, and the third too in "wash and dry the cups"."""
    words = phrase.split(" ")
    places = (0, 2) if words[1:2] in (["and"], ["or"]) else (0,)
    return " ".join(form(word) if place in places else word for place, word in enumerate(words))


def _plural_word(word: str) -> str:
    lower = word.lower()
    if lower in _PLURALS:
        return word[0] + _PLURALS[lower][1:]
    for ending in _PLURAL_ENDINGS:
        if lower.endswith(ending) and not lower.endswith(_NO_MEN):
            return word[: -len(ending)] + _PLURALS[ending]
    if _is_consonant_y(word) and word[0].islower():
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _third_person(word: str) -> str:
    if word in _THIRD:
        return _THIRD[word]
    if _is_consonant_y(word):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")


def _ing(word: str) -> str:
    if word.endswith("ie"):
        return word[:-2] + "ying"
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")) and word != "be":
        return word[:-1] + "ing"
    return _lengthened(word) + "ing"


def _regular_past(word: str) -> str:
    if word.endswith("e"):
        return word + "d"
    if _is_consonant_y(word):
        return word[:-1] + "ied"
    return _lengthened(word) + "ed"


def _lengthened(word: str) -> str:
    """The stem before -ed and -ing: its last consonant doubled where a short vowel stays short, -c made -ck."""
    if word in _DOUBLED or _SHORT.fullmatch(word):
        return word + word[-1]
    return word + "k" if word.endswith("ic") else word


def _is_consonant_y(word: str) -> bool:
    return len(word) > 1 and word.endswith("y") and word[-2] not in "aeiou"


_SPEECH = regex.compile(
    r"(?:[\w'-]+ ){0,4}?(?:say|said|ask|call|shout|cri|cry|repl|answer|whisper|laugh|wonder|think|thought|tell|told|"
    r"joke|beg|suggest|add|explain|sigh|yell|smil|want|announc|read|exclaim|mutter|grumbl|complain)\w*\b"
)
_FIRST = regex.compile(r"""["'(]*(?P<letter>\p{Ll})""")
_START = regex.compile(
    r"""[.!?](?<!\.\.|\b[ap]\.m\.|\b(?:Mr|Mrs|Ms|Dr|St)\.)(?P<quote>["')]*)\s+["'(]*(?P<letter>\p{Ll})"""
)
_SPOKEN = regex.compile(r"""[,:]\s"(?P<letter>\p{Ll})""")
_SENTENCE_END = regex.compile(r"[.!?][\"')]*\s")


def capitalised(text: str) -> str:
    """The text with a capital letter wherever a sentence starts; its length is kept.

    A quoted sentence starts one too. No sentence starts where one is only reported ('"Why?" he asked') or goes on
    ('"Yes," he said, "but not now."').
    """
    starts = [first.start("letter")] if (first := _FIRST.match(text)) else []
    starts += [
        match.start("letter")
        for match in _START.finditer(text)
        if not (
            match["quote"] and text[match.start("quote") - 1] in "?!" and _SPEECH.match(text, match.start("letter"))
        )
    ]
    if ' "' in text:
        for match in _SPOKEN.finditer(text):
            ends = [end.end() for end in _SENTENCE_END.finditer(text, 0, match.start())]
            if '"' not in text[ends[-1] if ends else 0 : match.start()]:
                starts.append(match.start("letter"))
    for start in starts:
        text = text[:start] + text[start].upper() + text[start + 1 :]
    return text
