"""One distribution: bars, the growing sum with the cut and the die in it; and beam search, which looks further."""

from __future__ import annotations

import streamlit as st

from explainers.generation import Cut, cut
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.generation.scene import Scene

_BARS = 9
_PROMPT_END = 2  # tokens of the text's end that stand at the root of the tree


def draw(scene: Scene) -> None:
    """The distribution of the token that is looked at, and under it every token that was drawn."""
    from explainers.figures.next_token import Chosen, next_token_figure

    memory, at = scene.memory, scene.at
    found = cut(memory.logits(memory.read(scene.ids[:at])), scene.settings.scheme)
    chosen = None
    if at < len(scene.ids):
        drawn = scene.draw_at(at)
        chosen = Chosen(found.rank(scene.ids[at]), scene.name(at), drawn.die if drawn else None)
    ranks = list(range(min(_BARS, len(found.order))))
    if chosen and chosen.rank >= _BARS:
        ranks.append(chosen.rank)
    labels = [scene.names.get(int(found.order[rank]), "") for rank in ranks]
    saving.chart(
        next_token_figure(found, ranks, labels, chosen, dark=blocks.is_dark()),
        "gen_next",
        lambda: _csv(scene, found),
        alt=_alternative(scene, found),
        name="next-token",
        fit=True,
    )
    _say(scene, found, chosen.rank if chosen else None)
    if scene.continuation.draws:
        with st.expander(_("Every drawn token"), icon=":material/format_list_numbered:"):
            _table(scene)
    blocks.source("gpt2", "nucleus")


def _say(scene: Scene, found: Cut, chosen: int | None) -> None:
    """What the picture shows, in a sentence with its numbers."""
    before = blocks.plain(scene.spoken(scene.at - 1))
    kept, all_ = f"{found.kept:,}", f"{len(found.order):,}"
    share = blocks.percent(float(found.own[: found.kept].sum()))
    if found.kept < len(found.order):
        said = _("After **{token}**: of {all} tokens the rule leaves **{kept}**, to which the model gave **{share}**.")
    else:
        said = _("After **{token}**: any of {all} tokens may come next.")
    words = [said.format(token=before, all=all_, kept=kept, share=share)]
    if chosen is not None:
        drawn = scene.draw_at(scene.at)
        told = _("**{token}** was drawn: rank {rank}.") if drawn else _("**{token}** stands in your text: rank {rank}.")
        words.append(told.format(token=blocks.plain(scene.spoken(scene.at)), rank=f"{chosen + 1:,}"))
    st.markdown(" ".join(words))


def _csv(scene: Scene, found: Cut) -> str:
    rows = (
        (rank + 1, int(id_), scene.names.get(int(id_), ""), float(found.own[rank]), found.share(rank))
        for rank, id_ in enumerate(found.order)
    )
    return saving.csv_text(("rank", "id", "token", "probability", "after temperature and cuts"), rows)


def _alternative(scene: Scene, found: Cut) -> str:
    first = ", ".join(
        f"{scene.names.get(int(id_), '')} {blocks.percent(float(share))}"
        for id_, share in zip(found.order[:5], found.own[:5], strict=True)
    )
    return _("Bars of the likeliest next tokens: {first}. The rule leaves {kept} of {all} tokens.").format(
        first=first, kept=f"{found.kept:,}", all=f"{len(found.order):,}"
    )


def _table(scene: Scene) -> None:
    """Every draw with its probability before and after the cuts."""
    columns = (_("token"), _("by the model"), _("rank"), _("after the cuts"), _("tokens left"), _("die"))
    rows = [
        (
            scene.names.get(draw.id, ""),
            blocks.percent(draw.own),
            f"{draw.rank:,}",
            blocks.percent(draw.after),
            f"{draw.kept:,}",
            "" if draw.die is None else f"{draw.die:.3f}",
        )
        for draw in scene.continuation.draws
    ]
    blocks.text_table(columns, rows, numbers=(1, 2, 3, 4, 5))


def draw_beams(scene: Scene) -> None:
    """The tree of a beam search after the reader's text, beside what greedy would have written."""
    from explainers.figures.beam_tree import beam_figure, signed

    name, ids = scene.checkpoint.name, scene.continuation.prompt
    beams, rounds = scene.settings.beams, scene.settings.rounds
    tree = cached.beam_tree(name, ids, beams, rounds)
    alone = cached.beam_tree(name, ids, 1, rounds)
    said = _("{rule}: …**{text}**, mean log-probability {score} nats a token, {sum} nats in all")
    lines = []
    for rule, each in ((_("Greedy"), alone), (_("Beam search"), tree)):
        decoded = scene.checkpoint.tokenizer.decode(list(each.ids), skip_special_tokens=False).strip(" ")
        text = blocks.plain(decoded.replace("\r\n", "\n").replace("\n", "↵"))
        best = each.nodes[each.best]
        lines.append(said.format(rule=rule, text=text, score=signed(best.score), sum=signed(best.total)))
    st.markdown("  \n".join(lines))
    end = "".join(scene.name(at) for at in range(max(len(ids) - _PROMPT_END, 0), len(ids)))
    saving.chart(
        beam_figure(tree, scene.names, f"…{end}", dark=blocks.is_dark()),
        "gen_tree",
        lambda: saving.csv_text(
            ("node", "parent", "round", "id", "token", "log-probability, nats", "sum, nats", "fate"),
            (
                (at, "" if node.parent is None else node.parent, node.round + 1, node.id, scene.names.get(node.id, ""),
                 node.log_probability, node.total, node.fate)
                for at, node in enumerate(tree.nodes)
            ),
        ),
        alt=_("A tree of {n} tokens that beam search looked at.").format(n=len(tree.nodes)),
        name="beam-search",
    )  # fmt: skip
    st.caption(
        _(
            "Each round looks at the {n} likeliest ways to go on and keeps the best (dots); faint ones are dropped. "
            "Squares are finished, with the mean log-probability of their tokens in nats (natural logarithms): nearer "
            "to 0 is likelier. Good for translation, where few answers are right; open text gets dull, as with greedy "
            "(Holtzman et al. 2020)."
        ).format(n=2 * beams)
    )
