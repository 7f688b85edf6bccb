"""The second half of the next sentence lesson: tricks that fool the head, and a fair test on the reader's own text."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple, cast
from urllib.parse import quote_plus

import streamlit as st

from explainers import next_sentence
from explainers.checkpoints import ASSETS
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.controls import LINK_LIMIT, TEXT_LIMIT, Choice

_LABELS = {next_sentence.IS_NEXT: "IsNext", next_sentence.NOT_NEXT: "NotNext"}
_STRANGER = "The parliament voted on the new law in 1994."


@st.fragment
def tricks(choice: Choice, pair: tuple[str, str]) -> None:
    """The same pair with one thing changed each time, and what the model says to each."""
    from explainers.figures.next_sentence import chance_bars

    last = pair[1].split()[-1].strip(".,;:!?\"'()") if pair[1].split() else ""
    left, right = st.columns(2)
    old = left.text_input(
        _("Change this word of B"), key="trick_old", bind="query-params", live="250ms", max_chars=60, placeholder=last
    )
    new = right.text_input(_("into"), "piano", key="trick_new", bind="query-params", live="250ms", max_chars=60)
    names = {
        "typed": _("as it stands"),
        "swapped": _("the two swapped"),
        "twice": _("the first text twice"),
        "backwards": _("B with its words backwards"),
        "word": _("B with one word changed"),
        "stranger": _("a stranger as B"),
    }
    changed = next_sentence.tricks(*pair, _STRANGER, old or last, new or "")
    shown = [name for name in names if name in changed]
    answers = cached.next_chances(choice.checkpoints["bert"].name, tuple(changed[name] for name in shown))
    texts = [" / ".join(changed[name]) for name in shown]
    rows = [(names[name], chance, text) for name, chance, text in zip(shown, answers, texts, strict=True)]
    saving.chart(
        chance_bars([names[name] for name in shown], answers, texts, dark=blocks.is_dark()),
        "next_tricks",
        lambda: saving.csv_text(("trick", "is_next", "texts"), rows),
        alt="; ".join(f"{name}: {blocks.percent(chance)}" for name, chance, _text in rows),
        name="next-sentence-tricks",
    )
    if (common := next_sentence.one_sided(answers)) is not None:
        st.markdown(
            _(
                "The model says **{answer}** to {count} of these {all}: its answers alone do not show that it looks at "
                "the topic."
            ).format(answer=_LABELS[common[0]], count=common[1], all=len(answers))
        )
    st.caption(
        _("Beyond the dashed line the answer is IsNext. Would you say so? The stranger: {text}").format(
            text=blocks.plain(_STRANGER)
        )
    )


@st.fragment
def mini_test(choice: Choice) -> None:
    """Pairs from a text, half of them true, and how many the model gets right."""
    from explainers.figures.next_sentence import pair_points

    answer = st.container()  # the picture stands first, and under it what it is made from
    text, settings = _text(), _settings()
    if settings.origin == "elsewhere" and len(next_sentence.passages(text)) == 1:
        settings = settings._replace(origin="same")
        st.caption(_("This text has no empty line: it is one passage, so the wrong second texts come from it, too."))
    try:
        test = _tested(choice, text, settings)
    except next_sentence.SampleError as error:
        st.info(blocks.plain(str(error)), icon=":material/edit:")
        return
    count = len(test.pairs)
    with answer:
        st.markdown(
            _("### {hits} of {count} right: {share}\n95 % interval: {low} to {high}.").format(
                hits=test.hits,
                count=count,
                share=blocks.percent(test.hits / count),
                low=blocks.percent(test.low),
                high=blocks.percent(test.high),
            )
            + " "
            + _verdict(test)
        )
        if count < settings.most:
            st.caption(_("The text gives no more than {count} pairs of this kind.").format(count=count))
        saving.chart(
            pair_points(test, dark=blocks.is_dark()),
            "next_test",
            lambda: saving.csv_text(
                ("first", "second", "follows", "is_next"),
                [(*pair, chance) for pair, chance in zip(test.pairs, test.is_next, strict=True)],
            ),
            alt=_("{hits} of {count} pairs are answered right.").format(hits=test.hits, count=count),
            name="next-sentence-test",
        )
    _by_kind(choice, text, settings)
    _table(test)


class _Settings(NamedTuple):
    """How many pairs at most, where false seconds come from, the sentences of a part, and the seed."""

    most: int
    origin: next_sentence.Origin
    length: int
    seed: int


def _settings() -> _Settings:
    """The controls of the test, in one row."""
    names: dict[next_sentence.Origin, str] = {"elsewhere": _("another passage"), "same": _("the same passage")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        origin = st.segmented_control(
            _("Wrong second text from"),
            tuple(names),
            default="elsewhere",
            required=True,
            key="pairs_from",
            bind="query-params",
            format_func=names.__getitem__,
        )
        length = st.segmented_control(
            _("Sentences a text"), (1, 2, 3), default=2, required=True, key="pairs_length", bind="query-params"
        )
        most = st.select_slider(
            _("Pairs"),
            (20, 50, 100, 200, next_sentence.MOST_PAIRS),
            100,
            key="pairs_count",
            bind="query-params",
            width=180,
        )
        seed = st.number_input(_("Seed"), 0, 999_999, 1, key="pairs_seed", bind="query-params", width=120)
    return _Settings(int(most), origin or "elsewhere", int(length or 2), int(seed))


def _tested(choice: Choice, text: str, settings: _Settings) -> next_sentence.MiniTest:
    """The test with these settings; raises SampleError where the text is not fit for it."""
    name = choice.checkpoints["bert"].name
    return cached.next_test(name, text, settings.seed, settings.most, settings.origin, settings.length)


def _by_kind(choice: Choice, text: str, settings: _Settings) -> None:
    """The share of right answers to true pairs and to the two kinds of false ones: what the head goes by."""
    found: dict[str, next_sentence.Score] = {}
    for origin, name in (("elsewhere", _("from another passage")), ("same", _("from the same passage"))):
        with suppress(next_sentence.SampleError):
            test = _tested(choice, text, settings._replace(origin=cast(next_sentence.Origin, origin)))
            found.setdefault(_("really next"), test.score(follows=True))
            found[name] = test.score(follows=False)
    rows = [
        (
            name,
            f"{score.hits:,} / {score.count:,}",
            blocks.percent(score.hits / score.count),
            _("{low} to {high}").format(low=blocks.percent(score.low), high=blocks.percent(score.high)),
        )
        for name, score in found.items()
    ]
    st.markdown(_("**What does it go by?** The second text is …"))
    blocks.text_table((_("second text"), _("right"), _("share"), _("95 % interval")), rows, numbers=(1, 2, 3))
    st.caption(
        _(
            "A second text of the same passage has the right topic but does not come next. A head that reads closely "
            "would say NotNext to it as often as to a stranger. Pairs share sentences, so the intervals are somewhat "
            "too narrow."
        )
    )


def _text() -> str:
    """The text that the pairs come from: pasted, or else ours."""
    state = st.session_state
    short = len(quote_plus(state.get("pairs_text") or "")) <= LINK_LIMIT // 3
    pasted = st.text_area(
        _("Text to take the pairs from"),
        key="pairs_text",
        bind="query-params" if short else None,
        height=110,
        max_chars=TEXT_LIMIT,
        placeholder=_(
            "Paste a text of several sentences, a news article or a story; empty lines part passages. While this is "
            "empty, ours is used: {count} short texts that were written for this page."
        ).format(count=len(next_sentence.passages(own_text()))),
    )
    return pasted if pasted and pasted.strip() else own_text()


def own_text() -> str:
    """The text that the test uses while nothing was pasted: little stories and reports of our own."""
    return (ASSETS / "next_sentence.txt").read_text(encoding="utf-8")


def _verdict(test: next_sentence.MiniTest) -> str:
    """Whether the test tells the model from guessing, and whether it is one answer to nearly all."""
    common = next_sentence.one_sided(test.is_next)
    if common is not None:
        return _(
            "This model says **{answer}** to {count} of {all} pairs. That alone gives about 50 %: the score says "
            "nothing about topics."
        ).format(answer=_LABELS[common[0]], count=common[1], all=len(test.pairs))
    if test.low > 0.5:
        return _("Chance, 50 %, is below it: this is better than guessing.")
    if test.high < 0.5:
        return _("Chance, 50 %, is above it: this is worse than guessing.")
    return _("Chance, 50 %, is inside it: this test cannot tell the model from a coin.")


def _table(test: next_sentence.MiniTest) -> None:
    columns: dict[str, list[object]] = {
        _("first"): [pair.first for pair in test.pairs],
        _("second"): [pair.second for pair in test.pairs],
        _("in the text"): [_("next") if pair.follows else _("elsewhere") for pair in test.pairs],
        _("IsNext"): [blocks.percent(chance) for chance in test.is_next],
        _("answer"): [_("right") if right else _("wrong") for right in test.right],
    }
    st.dataframe(columns, hide_index=True, height=320, width="stretch", key="pairs_table")
