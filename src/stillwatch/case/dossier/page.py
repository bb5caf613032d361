"""The page: a dossier as one self-contained HTML file.

Rules: nothing is fetched, nothing runs: no script, no address, one style sheet whose hash the page's content security policy names.
Every text is escaped by Jinja and made visible. References between statements are links within the page.
"""

import base64
import hashlib
import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from stillwatch.case.dossier.chapters import chapters, title
from stillwatch.case.dossier.dossier import Dossier
from stillwatch.vocabulary.printable import visible

_REFERENCE = re.compile(r"\b[OS][1-9][0-9]{0,6}\b")
_NUMBERED = re.compile(r"[A-Z][1-9][0-9]{0,6}")
_LINKED = frozenset({"rests on", "where it stands"})
_FIGURES = frozenset({"accounts", "requests", "bytes", "row", "harvest bits"})


def render(dossier: Dossier, digest: str) -> str:
    """The page as HTML; ``digest`` is the SHA-256 of the dossier's JSON, which stands at its foot."""
    environment = _environment()
    css = _source(environment, "dossier.css")
    return environment.get_template("page.html").render(
        title=title(dossier),
        dossier=dossier,
        chapters=chapters(dossier),
        digest=digest,
        css=Markup(css),
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )


def anchor(cell: str) -> str | None:
    """The name under which a row is linked, if its first cell is a statement's number."""
    return cell if _NUMBERED.fullmatch(cell) else None


def linked(cell: str, heading: str) -> Markup:
    """A cell's text, with the statements and sources that it names as links where the column holds such."""
    text = escape(visible(cell))
    if heading not in _LINKED:
        return text
    return Markup(_REFERENCE.sub(lambda found: f'<a href="#{found[0]}">{found[0]}</a>', str(text)))


def is_figure(heading: str) -> bool:
    """Whether a column holds figures, which stand to the right."""
    return heading in _FIGURES


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("stillwatch.case.dossier"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalised,
    )
    environment.globals |= {"linked": linked, "anchor": anchor, "is_figure": is_figure}
    return environment


def _finalised(value: object) -> object:
    """What an expression of a template puts on the page: markup as it is, text made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
