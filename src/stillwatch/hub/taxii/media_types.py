"""Media types: what a client accepts and what it sends, in every spelling that RFC 9110 allows.

Rules: names are read without regard to case, blanks around ``;`` ``=`` and ``,`` do not count, a value may be quoted. A range
without a version asks for the newest version, which here is the only one (TAXII 2.1, section 3.2). Of several ranges that cover
our type the most specific decides; weight 0 excludes it. No ``Accept`` at all accepts anything (RFC 9110, 12.5.1).

>>> accepts_taxii('text/html, application/TAXII+json ; version="2.1" ; q=0.5')
True
>>> accepts_taxii("application/taxii+json;version=2.0")
False
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TAXII = "application/taxii+json;version=2.1"
"""The type of everything that the server says."""

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_VALUE = rf'(?:{_TOKEN}|"(?:[^"\\]|\\.)*")'
_RANGE = re.compile(rf"[ \t]*({_TOKEN})/({_TOKEN})((?:[ \t]*;[ \t]*(?:{_TOKEN}[ \t]*=[ \t]*{_VALUE})?)*)[ \t]*")
_PARAMETER = re.compile(rf"({_TOKEN})[ \t]*=[ \t]*({_VALUE})")
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_LONGEST_HEADER = 8192


@dataclass(frozen=True)
class MediaType:
    """A type or range with its parameters; names in lower case, the weight ``q`` apart."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    weight: float = 1.0

    @property
    def version(self) -> str | None:
        """The version asked for, if one is."""
        return dict(self.parameters).get("version")

    @property
    def specificity(self) -> tuple[bool, bool, bool]:
        """How closely it names a type, for comparison (RFC 9110, 12.5.1)."""
        return self.type != "*", self.subtype != "*", self.version is not None


def parse(text: str) -> MediaType | None:
    """A single media type or range; None if it is not written as one, or names a parameter twice."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    named = [(name.lower(), _unquoted(value)) for name, value in _PARAMETER.findall(found[3])]
    weight = dict(named).get("q", "1")
    if len(dict(named)) < len(named) or not _WEIGHT.fullmatch(weight):
        return None
    rest = tuple((name, value) for name, value in named if name != "q")
    return MediaType(found[1].lower(), found[2].lower(), rest, float(weight))


def accepts(header: str | None, kind: str, subtype: str, version: str | None = None) -> bool:
    """Whether an ``Accept`` header takes ``kind/subtype`` (in this version, if it has one)."""
    if header is None or not header.strip():
        return True
    covering = [found for found in _parsed(header) if _covers(found, kind, subtype, version)]
    return bool(covering) and max(covering, key=lambda found: found.specificity).weight > 0


def accepts_taxii(header: str | None) -> bool:
    """Whether an ``Accept`` header takes what the server says; if not, the answer is 406."""
    return accepts(header, "application", "taxii+json", "2.1")


def is_taxii(header: str | None) -> bool:
    """Whether a ``Content-Type`` header says that the body is TAXII 2.1; if not, the answer is 415."""
    found = parse(header or "")
    return found is not None and (found.type, found.subtype) == ("application", "taxii+json") and found.version in (None, "2.1")


def _covers(found: MediaType, kind: str, subtype: str, version: str | None) -> bool:
    named = found.type in (kind, "*") and found.subtype in (subtype, "*") and (found.type != "*" or found.subtype == "*")
    return named and found.version in (None, version)


def _parsed(header: str) -> Iterator[MediaType]:
    for element in _ELEMENT.findall(header[:_LONGEST_HEADER]):
        if found := parse(element):
            yield found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
