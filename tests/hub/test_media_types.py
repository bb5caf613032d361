"""Media types: every spelling that RFC 9110 allows, and none that it does not."""

import pytest

from stillwatch.hub.taxii.media_types import accepts, accepts_taxii, is_taxii

ACCEPTED = [
    None,
    "",
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "application/taxii+json ;version=2.1",
    "application/taxii+json\t;\tversion = 2.1",
    'application/taxii+json;version="2.1"',
    'application/taxii+json; version="2\\.1"',
    "application/taxii+json",
    "application/taxii+json;",
    "Application/TAXII+JSON;Version=2.1",
    "application/taxii+json;version=2.1;q=0.1",
    "application/taxii+json;q=0.001;version=2.1",
    "application/taxii+json;version=2.1;charset=utf-8",
    "*/*",
    "*/*;q=0.8",
    "application/*",
    "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
    "application/json,application/taxii+json;version=2.1",
    "application/taxii+json;version=2.0, application/taxii+json;version=2.1;q=0.5",
    "application/taxii+json;version=2.0, */*;q=0.1",
    ",, application/taxii+json;version=2.1 ,",
    'text/plain;note="a, b", application/taxii+json',
    "nonsense, application/taxii+json",
    "application/taxii+json;q=0, application/taxii+json;version=2.1;q=1",
]

REFUSED = [
    "application/json",
    "text/html",
    "text/*",
    "application/taxii+json;version=2.0",
    "application/taxii+json;version=2.10",
    "application/taxii+json;version=",
    "application/vnd.oasis.taxii+json;version=2.0",
    "application/stix+json;version=2.1",
    "application/taxii+json;version=2.1;q=0",
    "*/*;q=0",
    "*/*, application/taxii+json;q=0",
    "*/*, application/taxii+json;version=2.1;q=0.000",
    "*/json",
    "application/taxii+json;q=2",
    "application/taxii+json;q=abc",
    "application/taxii+json;version=2.1;version=2.1",
    "application taxii+json",
    "/",
    '"application/taxii+json"',
    'application/taxii+json;version="2.1',
    ";;;",
]


@pytest.mark.parametrize("header", ACCEPTED)
def test_accepted(header: str | None) -> None:
    assert accepts_taxii(header)


@pytest.mark.parametrize("header", REFUSED)
def test_not_acceptable(header: str) -> None:
    assert not accepts_taxii(header)


@pytest.mark.parametrize(
    "header", ["application/taxii+json", 'APPLICATION/taxii+json ; VERSION="2.1"', "application/taxii+json;version=2.1;x=y"]
)
def test_content_type(header: str) -> None:
    assert is_taxii(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "application/json",
        "application/taxii+json;version=2.0",
        "*/*",
        "application/*",
        "application/taxii+json, text/plain",
    ],
)
def test_unsupported_content_type(header: str | None) -> None:
    assert not is_taxii(header)


def test_a_header_without_end_is_read_quickly() -> None:
    assert not accepts("a/b;" * 100_000 + '"' * 10_000, "text", "event-stream")
