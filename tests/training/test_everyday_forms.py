"""The forms of English words, against tables written by hand."""

import pytest

from explainers.training.everyday import inflection

IRREGULAR = {"eat": ("ate", "eaten"), "be": ("was", "been"), "go": ("went", "gone"), "put": ("put", "put")}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *[(word, "an") for word in ("apple", "egg", "hour", "honest man", "heir", "umbrella", "uncle", "X-ray", "8")],
        *[
            (word, "an")
            for word in ("unusual day", "unimportant letter", "ugly hat", "usher", "11 o'clock bus", "18th")
        ],
        *[(word, "a") for word in ("dog", "university", "uniform", "unicorn", "European", "one-way street", "useful")],
        *[
            (word, "a")
            for word in ("union", "unit", "used car", "usual day", "house", "yard", "ukulele", "110th", "U-turn")
        ],
    ],
)
def test_the_article_follows_the_sound(word: str, expected: str) -> None:
    assert inflection.article(word) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("dog", "dogs"),
        ("child", "children"),
        ("grandchild", "grandchildren"),
        ("person", "people"),
        ("policeman", "policemen"),
        ("woman", "women"),
        ("human", "humans"),
        ("mouse", "mice"),
        ("sweet tooth", "sweet teeth"),
        ("foot", "feet"),
        ("penknife", "penknives"),
        ("leaf", "leaves"),
        ("wolf", "wolves"),
        ("bookshelf", "bookshelves"),
        ("loaf of bread", "loaves of bread"),
        ("half", "halves"),
        ("roof", "roofs"),
        ("sheep", "sheep"),
        ("goldfish", "goldfish"),
        ("potato", "potatoes"),
        ("hero", "heroes"),
        ("piano", "pianos"),
        ("city", "cities"),
        ("day", "days"),
        ("bus", "buses"),
        ("box", "boxes"),
        ("lunch", "lunches"),
        ("stomach", "stomachs"),
        ("brush", "brushes"),
        ("quiz", "quizzes"),
        ("cup of tea", "cups of tea"),
        ("kitchen table", "kitchen tables"),
        ("mother-in-law", "mothers-in-law"),
        ("passer-by", "passers-by"),
        ("T-shirt", "T-shirts"),
    ],
)
def test_plurals(word: str, expected: str) -> None:
    assert inflection.plural(word) == expected


@pytest.mark.parametrize(
    ("verb", "third", "past", "done", "ing"),
    [
        ("walk", "walks", "walked", "walked", "walking"),
        ("eat fruit", "eats fruit", "ate fruit", "eaten fruit", "eating fruit"),
        ("be late", "is late", "was late", "been late", "being late"),
        ("go home", "goes home", "went home", "gone home", "going home"),
        ("put on", "puts on", "put on", "put on", "putting on"),
        ("bake", "bakes", "baked", "baked", "baking"),
        ("carry", "carries", "carried", "carried", "carrying"),
        ("play", "plays", "played", "played", "playing"),
        ("stop", "stops", "stopped", "stopped", "stopping"),
        ("plan", "plans", "planned", "planned", "planning"),
        ("hug", "hugs", "hugged", "hugged", "hugging"),
        ("rain", "rains", "rained", "rained", "raining"),
        ("fix", "fixes", "fixed", "fixed", "fixing"),
        ("snow", "snows", "snowed", "snowed", "snowing"),
        ("open", "opens", "opened", "opened", "opening"),
        ("visit", "visits", "visited", "visited", "visiting"),
        ("travel", "travels", "travelled", "travelled", "travelling"),
        ("watch", "watches", "watched", "watched", "watching"),
        ("tie", "ties", "tied", "tied", "tying"),
        ("agree", "agrees", "agreed", "agreed", "agreeing"),
        ("dial", "dials", "dialled", "dialled", "dialling"),
        ("boil", "boils", "boiled", "boiled", "boiling"),
        ("stop and go", "stops and goes", "stopped and went", "stopped and gone", "stopping and going"),
        ("picnic", "picnics", "picnicked", "picnicked", "picnicking"),
    ],
)
def test_verbs(verb: str, third: str, past: str, done: str, ing: str) -> None:
    assert inflection.third_person(verb) == third
    assert inflection.past(verb, IRREGULAR) == past
    assert inflection.participle(verb, IRREGULAR) == done
    assert inflection.ing(verb) == ing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it rains. the cat sleeps! why? nobody knows.", "It rains. The cat sleeps! Why? Nobody knows."),
        ('"where is it?" asked Ada. "it is here."', '"Where is it?" asked Ada. "It is here."'),
        ('"stop!" the old man shouted. "look!" he ran.', '"Stop!" the old man shouted. "Look!" He ran.'),
        ('"yes," said Bo, "but not now." then he left.', '"Yes," said Bo, "but not now." Then he left.'),
        ('Ada said, "come in." Bo asked: "why?"', 'Ada said, "Come in." Bo asked: "Why?"'),
        ("it opens at 8 a.m. every day... and closes.", "It opens at 8 a.m. every day... and closes."),
    ],
)
def test_sentences_get_capitals(text: str, expected: str) -> None:
    assert inflection.capitalised(text) == expected
