"""The dossier: everything traceable, nothing that acts, observation apart from inference (all data synthetic)."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from stillwatch.case.case import Action
from stillwatch.case.cases import Cases
from stillwatch.case.dossier import page, paper
from stillwatch.case.dossier.chapters import ROWS, chapters
from stillwatch.case.dossier.dossier import Dossier
from stillwatch.case.dossier.statements import told
from stillwatch.case.source import read_scan
from tests.case.dossiers import full
from tests.case.synthetic import ANN, BO, NOW, campaign, scanned

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}{% raw %}",
    "<a href='javascript:alert(1)'>x</a>",
    "&lt;script&gt;",
    "\u202egnp.exe \x1b[2J \u2028 \ufeff \x07",
    "漢字 עברית العربية 😀 é̷ \U0010ffff",
    "O1 S1 O99999999999 [x](javascript:x) **b** --i--",
    "%s %d {0} \\ \\n ${jndi:x}",
    "nul \x00 lone \ud800",
)


class _Tags(HTMLParser):
    """What a browser would make of the page: tags, and attributes that act or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.acting: list[tuple[str, str | None]] = []
        self.ids: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if (
                name.startswith("on")
                or name in ("src", "srcset", "action", "style")
                or (name == "href" and value and value[0] != "#")
            ):
                self.acting.append((name, value))
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value:
                self.targets.append(value[1:])


def parsed(html: str) -> _Tags:
    tags = _Tags()
    tags.feed(html)
    return tags


@pytest.mark.parametrize("text", ["\n".join(HOSTILE[start::3]) for start in range(3)], ids=range(3))
def test_hostile_text_in_every_field_never_acts(tmp_path: Path, text: str) -> None:
    dossier = full(tmp_path, text, statement=text.replace("\ud800", ""))
    html = page.render(dossier, "0" * 64)
    tags = parsed(html)
    assert tags.acting == []
    assert not tags.tags & {"script", "img", "svg", "iframe", "object", "form", "input"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert paper.render(dossier, "0" * 64).startswith(b"%PDF-")


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    return full(tmp_path_factory.mktemp("dossier"))


def test_every_statement_points_to_where_it_stands(dossier: Dossier) -> None:
    sources = {source.ref: source for source in dossier.sources}
    document = {"campaigns": [msgspec.to_builtins(campaign(1)), msgspec.to_builtins(campaign(2))], "run": {}}
    for statement in [*dossier.observations, *dossier.inferences]:
        ref, _, pointer = statement.where.partition(";")[0].partition("#")
        place: object = document
        for step in pointer.split("/")[1:]:
            place = place[int(step)] if isinstance(place, list) else place[step]  # type: ignore[index]
        assert ref in sources and len(sources[ref].sha256) == 64
    refs = [each.ref for each in (*dossier.observations, *dossier.inferences, *dossier.against)]
    assert len(set(refs)) == len(refs)
    assert {ref for each in dossier.inferences for ref in each.rests_on} <= {each.ref for each in dossier.observations}


def test_signals_measured_per_account_name_their_column(dossier: Dossier) -> None:
    [one, *_] = [each for each in dossier.observations if "single turns" in each.statement]
    assert one.where.endswith("accounts.parquet, column bits_single_turns")


def test_observations_carry_no_weight_and_what_speaks_against_is_whole(dossier: Dossier) -> None:
    assert not any("bits" in each.statement for each in dossier.observations)
    kinds = [each.kind for each in dossier.against if each.where.startswith("S1#")]
    assert kinds == [
        "innocent explanation",
        "innocent explanation",
        "observation",
        "not looked at",
        "not looked at",
        "rate of error",
    ]


def test_links_of_the_page_lead_somewhere(dossier: Dossier) -> None:
    tags = parsed(page.render(dossier, "0" * 64))
    assert len(set(tags.ids)) == len(tags.ids)
    assert set(tags.targets) <= set(tags.ids)
    assert tags.acting == []


def test_the_style_is_the_one_that_the_policy_names(dossier: Dossier) -> None:
    html = page.render(dossier, "0" * 64)
    css = html.partition("<style>")[2].partition("</style>")[0]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'" in html
    assert "default-src 'none'" in html and "url(" not in css and "@import" not in css


def test_the_same_dossier_gives_the_same_bytes(dossier: Dossier) -> None:
    assert page.render(dossier, "0") == page.render(dossier, "0")
    assert paper.render(dossier, "0") == paper.render(dossier, "0")


def test_json_comes_back_as_it_was(dossier: Dossier) -> None:
    assert msgspec.json.decode(msgspec.json.encode(dossier), type=Dossier) == dossier


def test_dissent_and_judgement_are_told(dossier: Dossier) -> None:
    words = " ".join(cell for chapter in chapters(dossier) for table in chapter.tables for row in table.rows for cell in row)
    assert BO in words and "reseller" in words and "1 dissent" in words


def test_a_broken_history_is_said_aloud(dossier: Dossier) -> None:
    broken = msgspec.structs.replace(dossier, history_faults=["action 2 of case-1: its content is not what was recorded"])
    [custody] = [chapter for chapter in chapters(broken) if chapter.title == "Chain of custody"]
    assert "NOT" in custody.words[0] and "action 2 of case-1" in custody.words[0]


def test_long_tables_are_cut_and_say_so(dossier: Dossier) -> None:
    many = [Action(1, n, dossier.made, BO, "comment", {}, "", "") for n in range(ROWS + 5)]
    long = msgspec.structs.replace(dossier, history=many, accounts=dossier.accounts[:1] * (ROWS + 7))
    captions = [table.caption for chapter in chapters(long) for table in chapter.tables]
    assert "Actions; the first 5 are in the JSON" in captions
    assert f"The first {ROWS:,} of {ROWS + 7:,}; all are in the JSON" in captions


def test_a_remark_longer_than_a_sheet_goes_on(dossier: Dossier) -> None:
    long = msgspec.structs.replace(dossier.comments[0], text="word " * 2000 + "\n" * 300 + "end")
    assert paper.render(msgspec.structs.replace(dossier, comments=[long]), "0").count(b"/Type /Page\n") > 4


def test_masked_texts_appear_only_where_they_were_asked_for(dossier: Dossier, tmp_path: Path) -> None:
    assert "masked text" not in page.render(dossier, "0")
    scaffold = campaign(1).scaffolds[0].fingerprint
    with Cases.open("sqlite://") as store:
        store.add(read_scan(scanned(tmp_path / "two", campaign(1))), ANN, NOW)
        shots = store.file(1).campaigns
    assert "Sort this" in str(told(shots, {}, {scaffold: "Sort this: ⟨…⟩"}))
    assert "Sort this" not in str(told(shots, {}, {}))
