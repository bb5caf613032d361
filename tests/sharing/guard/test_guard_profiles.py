"""Profiles: what they build, and how they fail: with the file and the key."""

from pathlib import Path

import pytest

from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.profile import profile, read_profile
from stillwatch.sharing.guard.profile_text import SHIPPED, ProfileError
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID
from stillwatch.sharing.stix.extensions import EXTENSIONS, extension_id
from stillwatch.sharing.tokens.canonical import KINDS
from stillwatch.sharing.tokens.token import Token

HEAD = 'name = "x"\n'
CAMPAIGN = HEAD + "[object.campaign]\n[object.campaign.fields]\n"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("name = ", "p.toml", "not TOML"),
        ("[object.campaign]\n", "p.toml", "no name"),
        (HEAD, "p.toml", "allows nothing"),
        (HEAD + "colour = 1\n", "p.toml", "'colour'"),
        (HEAD + "[object.campaign]\nfield = {}\n", "p.toml: object.campaign", "'field'"),
        (HEAD + "[group.g]\nfoo = 1\n[object.campaign]\n", "p.toml: group.g", "'foo'"),
        (HEAD + '[object.campaign]\ngroup = "g"\n', "p.toml: object.campaign.group", "'g'"),
        (HEAD + "[object]\ncampaign = 1\n", "p.toml: object", "'campaign'"),
        (HEAD + "[object.campaign]\nfields = 1\n", "p.toml: object.campaign.fields", "table"),
        (HEAD + '[object.campaign]\nrequired = "name"\n', "p.toml: object.campaign.required", "list"),
        (HEAD + 'extends = "mine"\n', "p.toml: extends", "'mine'"),
        (HEAD + 'permits = ["all"]\n[object.campaign]\n', "p.toml: permits", "no rule"),
        (HEAD + '[shape]\na = "["\n[object.campaign]\n', "p.toml: shape.a", "regular expression"),
        (CAMPAIGN + 'name = "keep"\n', "p.toml: object.campaign.fields.name", "'keep'"),
        (CAMPAIGN + "name = 3\n", "p.toml: object.campaign.fields.name", "neither"),
        (CAMPAIGN + "name = { text = 3, colour = 4 }\n", "p.toml: object.campaign.fields.name", "'colour'"),
        (CAMPAIGN + 'name = { text = "3" }\n', "p.toml: object.campaign.fields.name", "whole number"),
        (CAMPAIGN + "name = { text = 3, one-of = [] }\n", "p.toml: object.campaign.fields.name", "exactly one"),
        (CAMPAIGN + 'name = { shape = "a thing" }\n', "p.toml: object.campaign.fields.name", "'a thing'"),
        (CAMPAIGN + "name = { between = [1] }\n", "p.toml: object.campaign.fields.name", "two"),
        (CAMPAIGN + '"extensions.@mine.x" = "flag"\n', "p.toml: object.campaign.fields.extensions.@mine.x", "'mine'"),
        (CAMPAIGN + 'a = "flag"\n"a.b" = "flag"\n', "p.toml: object.campaign.fields.a", "choose one"),
        (CAMPAIGN + '"" = "flag"\n', "p.toml: object.campaign.fields.", "empty name"),
    ],
)
def test_what_a_profile_gets_wrong_is_said_with_file_and_key(text: str, where: str, what: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_profile(text, "p.toml")
    assert caught.value.place == where and what in f"{caught.value.what} {caught.value.cure}" and caught.value.exit_status == 2


def test_a_profile_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no profile can be read here"):
        Guard(tmp_path / "none.toml")


def test_a_profile_in_a_file_extends_a_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nextends = "strict"\n[object.campaign.fields]\nobjective = "dropped"\n')
    ruling = Guard(file).examine({"type": "campaign", "name": "Pool", "objective": "Training data"})
    assert ruling.object == {"type": "campaign", "name": "Pool"} and ruling.against[0].rule == "policy/dropped"


def test_profiles_grow_from_strict_to_operator_only() -> None:
    strict, member, operator = (profile(name) for name in SHIPPED)
    for narrow, wide in ((strict, member), (member, operator)):
        assert {(kind, path) for kind, paths in narrow.paths.items() for path in paths} <= {
            (kind, path) for kind, paths in wide.paths.items() for path in paths
        }


def test_profiles_name_the_published_extensions_and_kinds_of_tokens() -> None:
    paths = " ".join(path for each in profile("operator-only").paths.values() for path in each)
    assert all(extension_id(name) in paths for name in EXTENSIONS) and SIGNATURE_EXTENSION_ID in paths
    guard = Guard("operator-only")
    for kind in KINDS:
        account = {"type": "user-account", "user_id": str(Token("2026-q4", kind, bytes(32)))}
        assert guard.examine(account).verdict == "released", kind
