"""A member's settings: defaults, first use, and what is wrong with them, said with the place."""

import stat
from datetime import date
from pathlib import Path

import pytest

from stillwatch.errors import UsageError
from stillwatch.sharing.release.membership import Membership, established, read_membership
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.tokens.epoch import new_seed
from tests.sharing.feed.border import NOW


def test_without_a_file_a_member_is_made_once(tmp_path: Path) -> None:
    said: list[str] = []
    first = established(tmp_path / "stillwatch.toml", NOW, said.append)
    again = established(tmp_path / "stillwatch.toml", NOW, said.append)
    assert first == again and len(said) == 2
    assert first.ring().keys[0].member == first.id == first.identity(NOW).id
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    first.private_key()


def test_what_stands_in_the_file_stays_and_the_identity_comes_to_it(tmp_path: Path) -> None:
    path = tmp_path / "stillwatch.toml"
    path.write_text(
        'name = "Synthetic provider"\nprofile = "operator-only"\ntlp = "green"\ndual_control = true\nfeed = "x/f.sqlite"\n'
    )
    made = established(path, NOW, lambda text: None)
    assert (made.name, made.profile, made.tlp, made.dual_control) == ("Synthetic provider", "operator-only", TLP.GREEN, True)
    assert made.feed == tmp_path / "x" / "f.sqlite"
    assert read_membership(path) == made


@pytest.mark.parametrize(("text", "said"), [
    ("profil = 'x'", "did you mean profile"),
    ("colour = 'x'", "there is no setting 'colour'"),
    ("dual_control = 'yes'", "dual_control: 'yes' is no bool"),
    ("tlp = 'purple'", "tlp"),
    ("key = 5", "key: 5 is no str"),
    ("since = '2026'", "since"),
    ("name = ", "cannot be read"),
])  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "stillwatch.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        read_membership(path)
    assert caught.value.place == str(path)


def test_tokens_are_made_only_with_a_seed_and_an_epoch(tmp_path: Path) -> None:
    assert Membership().tokeniser() is None
    seed = tmp_path / "seed"
    new_seed(seed)
    made = Membership(token_seed=seed, token_epoch="2026-Q4").tokeniser()
    assert made is not None and made.epoch == "2026-Q4"


def test_a_regime_holds_on_the_days_that_counsel_has_set(tmp_path: Path) -> None:
    path = tmp_path / "stillwatch.toml"
    path.write_text('[regime.cisa-2015]\nsince = 2027-01-01\nuntil = 2027-12-31\nbasis = "synthetic order 1"\n')
    (regime,) = read_membership(path).regime
    assert [regime.in_force(day) for day in (date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1))] == [False, True, False]
    assert regime.basis == "synthetic order 1"


@pytest.mark.parametrize(
    "text",
    [
        "regime = 1",
        "[regime.cisa-2015]\nfrom = 2027-01-01",
        "[regime.cisa-2015]\nsince = true",
        "[regime.cisa-2015]\nsince = 2027-01-01T00:00:00Z\nuntil = 2027-12-31T00:00:00Z",
        "[regime.cisa-2015]\nsince = 2027-02-01\nuntil = 2027-01-31",
    ],
)
def test_a_regime_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stillwatch.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"regime|is no"):
        read_membership(path)
