"""The columns in which a text with gaps is drawn, so that text, encoder input, decoder input and labels line up."""

from __future__ import annotations

from collections.abc import Sequence

from explainers import spans
from explainers.language import _
from explainers.views import blocks
from explainers.views.components.lanes import Arrow, Cell, CellKind, Lane

TEXT_LANE, ENCODER_LANE, DECODER_LANE, LABEL_LANE, CHANCE_LANE = range(5)


class Columns:
    """One column a token of the text, one more before every gap for its sentinel, and a last one for </s>."""

    def __init__(self, example: spans.Example) -> None:
        self._example = example
        starts = {gap.start for gap in example.gaps}
        self._tokens: list[int] = []
        self._marks: list[int] = []
        for index in range(len(example.removed)):
            if index in starts:
                self._marks.append(len(self._tokens) + len(self._marks))
            self._tokens.append(len(self._tokens) + len(self._marks))
        self._end = len(self._tokens) + len(self._marks)
        pairs = zip(example.label_tokens, example.label_gaps, strict=True)
        # The column of every label.
        self._labels = [self._tokens[at] if at is not None else self._mark_or_end(gap) for at, gap in pairs]

    def lanes(self, taught: Sequence[spans.Step]) -> list[Lane]:
        """The rows; taught: how likely the model finds each label."""
        rows = [
            Lane(_("Text"), _("click to take out"), self._text()),
            Lane(_("Encoder input"), _("the text with gaps"), self._encoder()),
        ]
        if not self._example.gaps:
            return rows
        labels = [self._label(index, step.piece) for index, step in enumerate(taught)]
        columns = self._labels
        start = Cell(columns[0], _("start"), str(int(self._example.decoder[0])), "special")
        moved = zip(columns[1:], labels, strict=False)
        decoder = [Cell(column, cell.text, cell.note, cell.kind, cell.link) for column, cell in moved]
        chances = [
            Cell(cell.column, blocks.percent(step.probability), "", "number", cell.link, step.probability)
            for cell, step in zip(labels, taught, strict=True)
        ]
        return [
            *rows,
            Lane(_("Decoder input"), _("what it has read"), [start, *decoder]),
            Lane(_("Labels"), _("what it must write"), labels),
            Lane(_("Probability"), _("of each label"), chances),
        ]

    def table(self, taught: Sequence[spans.Step]) -> list[tuple[str, int, str, str, float | str]]:
        """Every cell as (row, column, token, id, probability); the probability stands with its label."""
        chances = dict(zip(self._labels, (step.probability for step in taught), strict=False))
        return [
            (lane.title, cell.column, cell.text, cell.note, chances.get(cell.column, "") if at == LABEL_LANE else "")
            for at, lane in enumerate(self.lanes(taught)[:CHANCE_LANE])
            for cell in sorted(lane.cells, key=lambda cell: cell.column)
        ]

    def arrows(self) -> list[Arrow]:
        """From every label to where the decoder reads it, one step later."""
        if not self._example.gaps:
            return []
        steps = zip(self._labels, self._labels[1:], strict=False)
        return [Arrow(LABEL_LANE, column, DECODER_LANE, following) for column, following in steps]

    def breaks(self) -> list[int]:
        """The columns that a line may begin at: the words and the sentinels."""
        own = self._example.tokenization.tokens
        firsts = {gap.start for gap in self._example.gaps}
        words = [
            column
            for index, column in enumerate(self._tokens)
            if own[index].kind == "word start" and index not in firsts
        ]
        return [*words, *self._marks]

    def _mark_or_end(self, gap: int) -> int:
        return self._marks[gap] if gap < len(self._marks) else self._end

    def _text(self) -> list[Cell]:
        own = self._example.tokenization.tokens
        return [
            Cell(column, own[index].piece, str(own[index].id), link=f"t{index}")
            for index, column in enumerate(self._tokens)
        ]

    def _encoder(self) -> list[Cell]:
        removed = self._example.removed.tolist()
        kept = [cell for cell, out in zip(self._text(), removed, strict=True) if not out]
        marks = [
            Cell(column, gap.piece, str(gap.sentinel), "sentinel", gap.piece)
            for column, gap in zip(self._marks, self._example.gaps, strict=True)
        ]
        end = Cell(self._end, "</s>", str(int(self._example.encoder[-1])), "special", "end")
        return [*kept, *marks, end]

    def _label(self, index: int, piece: str) -> Cell:
        token, gap = self._example.label_tokens[index], self._example.label_gaps[index]
        kind: CellKind = "token" if gap % 2 else "deep"
        link = f"t{token}"
        if token is None:
            kind, link = ("sentinel", piece) if gap < len(self._marks) else ("special", "end")
        return Cell(self._labels[index], piece, str(int(self._example.labels[index])), kind, link)
