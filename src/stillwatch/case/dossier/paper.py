"""The paper: a dossier as a PDF, for a file that is printed, signed and kept.

Rules: the same chapters as the page. The typeface (DejaVu Sans, in the package) covers Latin, Greek, Cyrillic and more; a character
that it lacks, or that would act on its reader, is told by its code point, never dropped: the page and the JSON have it as it is.
A cell that is longer than a sheet goes on in the next row. The same dossier gives the same bytes.

>>> legible("a\\u202e漢", frozenset(range(32, 127)))
'a<U+202E><U+6F22>'
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import resources
from itertools import zip_longest

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, TextEmphasis
from fpdf.fonts import FontFace, TTFFont

from stillwatch.case.dossier.chapters import Chapter, Table, chapters, title
from stillwatch.case.dossier.dossier import Dossier
from stillwatch.vocabulary.printable import visible

_FAMILY = "DejaVu"
_TYPEFACES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_TABLE_POINTS, _TEXT_POINTS = 7.5, 9.0
_LINE_MM = 3.6
_LETTER_MM = 1.1
"""No fewer millimetres than a narrow letter takes; lines of a cell are reckoned with twice that."""
_LINES_OF_A_CELL = 24
"""The most lines of a cell in one row: half a sheet, so that a row always fits."""


def render(dossier: Dossier, digest: str) -> bytes:
    """The document; ``digest`` is the SHA-256 of the dossier's JSON, which stands at the foot of each sheet."""
    paper = _Paper(title(dossier), digest, datetime.fromisoformat(dossier.made))
    paper.heading(f"{title(dossier)}: {dossier.case.title}", 16)
    paper.words("Confidential · for counsel · may be subject to a litigation hold")
    for number, chapter in enumerate(chapters(dossier), start=1):
        paper.chapter(number, chapter)
    return bytes(paper.output())


def legible(text: str, covered: frozenset[int]) -> str:
    """The text with what could act, and what the typeface lacks, told by its code point; line feeds stay, tabs become blanks."""
    return "".join(
        c if ord(c) in covered or c == "\n" else f"<U+{ord(c):04X}>" for c in visible(text).replace("\t", " ").replace("\r", " ")
    )


class _Paper(FPDF):
    """Sheets in landscape with a head and a foot."""

    def __init__(self, name: str, digest: str, made: datetime) -> None:
        super().__init__(orientation="landscape", format="A4")
        self._name, self._digest = name, digest
        folder = resources.files("stillwatch.case.dossier") / "fonts"
        for style, file in _TYPEFACES.items():
            with resources.as_file(folder / file) as path:
                self.add_font(_FAMILY, style, path)
        regular = self.fonts[_FAMILY.lower()]
        assert isinstance(regular, TTFFont)
        self._covered = frozenset(regular.cmap)
        self.set_creation_date(made)
        self.set_title(name)
        self.set_lang("en")
        self.set_margin(14)
        self.set_auto_page_break(True, 16)
        self.add_page()

    def footer(self) -> None:
        """Case, digest of the JSON, number of the sheet."""
        self.set_y(-11)
        self.set_font(_FAMILY, "", 6.5)
        self.cell(0, 4, f"{self._name} · SHA-256 of the JSON {self._digest} · sheet {self.page_no()} of {{nb}}", align="C")

    def heading(self, text: str, points: float) -> None:
        """A title."""
        self.set_font(_FAMILY, "B", points)
        self.multi_cell(0, points * 0.5, legible(text, self._covered), new_x="LMARGIN", new_y="NEXT")

    def words(self, text: str) -> None:
        """A paragraph."""
        self.set_font(_FAMILY, "", _TEXT_POINTS)
        self.multi_cell(0, _TEXT_POINTS * 0.5, legible(text, self._covered), new_x="LMARGIN", new_y="NEXT", align="L")
        self.ln(1)

    def chapter(self, number: int, chapter: Chapter) -> None:
        """A chapter, which begins where there is room for its beginning."""
        self.ln(4)
        if self.will_page_break(40):
            self.add_page()
        self.start_section(chapter.title)
        self.heading(f"{number}. {chapter.title}", 12)
        for paragraph in (chapter.about, *chapter.words):
            self.words(paragraph)
        for table in chapter.tables:
            self.tabulate(table)

    def tabulate(self, table: Table) -> None:
        """A table; facts (without headings) too."""
        if table.caption:
            self.ln(2)
            self.words(table.caption)
        self.set_font(_FAMILY, "", _TABLE_POINTS)
        headed = bool(table.headings[0])
        head = FontFace(emphasis=TextEmphasis.B)
        self.set_draw_color(190)
        self.set_line_width(0.1)
        with self.table(
            col_widths=table.widths,
            line_height=_LINE_MM,
            text_align="LEFT",
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            first_row_as_headings=headed,
            headings_style=head,
            padding=0.8,
            v_align="TOP",
        ) as drawn:
            for cells in [*([table.headings] if headed else []), *self._rows(table)]:
                drawn.row(cells)

    def _rows(self, table: Table) -> Iterator[tuple[str, ...]]:
        """The rows, those with a cell of more lines than fit into one gone on in the next."""
        letters = [max(1, int(self.epw * width / sum(table.widths) / (2 * _LETTER_MM))) for width in table.widths]
        for row in table.rows:
            pieces = [list(_pieces(legible(cell, self._covered), room)) for cell, room in zip(row, letters, strict=True)]
            yield from zip_longest(*pieces, fillvalue="")


def _pieces(text: str, letters: int) -> Iterator[str]:
    """The text in pieces of at most _LINES_OF_A_CELL lines with so many letters."""
    lines = [line[start : start + letters] for line in text.split("\n") for start in range(0, max(len(line), 1), letters)]
    if len(lines) <= _LINES_OF_A_CELL:
        yield text
        return
    for start in range(0, len(lines), _LINES_OF_A_CELL):
        yield _joined(lines[start : start + _LINES_OF_A_CELL], letters)


def _joined(lines: Sequence[str], letters: int) -> str:
    """Lines that were cut at their length are one again, the others end where they ended."""
    return "".join(line if len(line) == letters else f"{line}\n" for line in lines).rstrip("\n")
