"""Tokenisers, evaluators, quotas, the record, split keys: the same tokens by every way, and nothing from who may not."""

import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import NoReadableInput, OutputNotWritten, RefusedByPolicy, UsageError
from stillwatch.sharing.ledger.entry import Entry
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.tokens.canonical import KINDS, canonical
from stillwatch.sharing.tokens.epoch import epoch_key, new_seed, read_seed
from stillwatch.sharing.tokens.evaluator import EpochClosed, Evaluation, Evaluator, LocalEvaluator
from stillwatch.sharing.tokens.group import InvalidElement
from stillwatch.sharing.tokens.proof import LARGEST_BATCH
from stillwatch.sharing.tokens.quota import Metered, QuotaSpent, Usage, UsageCount
from stillwatch.sharing.tokens.recorded import Recorded
from stillwatch.sharing.tokens.split import joint_public, split
from stillwatch.sharing.tokens.suite import InputRefused, KeyPair, Mode, hash_to_group
from stillwatch.sharing.tokens.token import EpochRefused, Token, TokenRefused
from stillwatch.sharing.tokens.tokeniser import Holder, KeyTokeniser, MemberTokeniser, ProofRefused, tokens
from stillwatch.sharing.tokens.usage_file import UsageFile

EPOCH, MEMBER = "2026-q4", "member-a"
KEY = epoch_key(bytes(range(32)), EPOCH)
ELEMENTS = [hash_to_group(bytes([number]), Mode.VOPRF) for number in range(3)]
DAY = datetime(2026, 10, 1, 23, 30, tzinfo=UTC)
IDENTIFIERS = [("email", "Jane@Example.com"), ("account-name", "Acme Labs"), ("ip-address", "2001:DB8::1")]


def holder(key: KeyPair, public: bytes | None = None) -> Holder:
    return Holder(LocalEvaluator({EPOCH: key}), key.public if public is None else public)


def member(*holders: Holder) -> MemberTokeniser:
    return MemberTokeniser(EPOCH, MEMBER, holders)


@dataclass(frozen=True)
class Cheat:
    """A holder that answers one of a batch under another key, with the proof that it can make."""

    true: LocalEvaluator
    other: LocalEvaluator

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        answer, wrong = self.true.evaluate(blinded, epoch, member), self.other.evaluate(blinded, epoch, member)
        return Evaluation([*answer.elements[:-1], wrong.elements[-1]], answer.proof)


@dataclass
class Seen:
    """An evaluator that keeps what it was shown."""

    evaluator: Evaluator
    shown: list[bytes] = field(default_factory=list)

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        self.shown += blinded
        return self.evaluator.evaluate(blinded, epoch, member)


def test_every_way_gives_the_same_tokens() -> None:
    expected = tokens(KeyTokeniser(EPOCH, KEY), IDENTIFIERS)
    assert tokens(member(holder(KEY)), IDENTIFIERS) == expected
    first, second = split(KEY)
    assert tokens(member(holder(first), holder(second)), IDENTIFIERS) == expected
    assert tokens(member(holder(second), holder(first)), IDENTIFIERS) == expected


def test_three_shares_are_as_good() -> None:
    first, rest = split(KEY)
    assert tokens(member(*map(holder, (first, *split(rest)))), IDENTIFIERS) == tokens(KeyTokeniser(EPOCH, KEY), IDENTIFIERS)


@settings(max_examples=25)
@given(st.sampled_from(sorted(KINDS)), st.sampled_from(["jane@example.com", "192.0.2.7", "2001:db8::7", "AbC123"]), st.booleans())
def test_the_token_of_a_canonical_form_is_that_of_the_value(kind: str, value: str, blinded: bool) -> None:
    try:
        form = canonical(kind, f" {value}\t")
    except NoReadableInput:
        return
    tokeniser = member(holder(KEY)) if blinded else KeyTokeniser(EPOCH, KEY)
    assert tokens(tokeniser, [(kind, value)]) == tokens(tokeniser, [(kind, form.decode())])


def test_kinds_and_epochs_give_different_tokens() -> None:
    same = [("account-name", "jane@example.com"), ("email", "jane@example.com")]
    other = tokens(KeyTokeniser("2026-q3", epoch_key(bytes(range(32)), "2026-q3")), same)
    assert len({token.value for token in tokens(KeyTokeniser(EPOCH, KEY), same) + other}) == 4


def test_shares_drawn_apart_make_a_key_that_nobody_has() -> None:
    first, second = epoch_key(bytes(32), EPOCH), epoch_key(bytes([1] * 32), EPOCH)
    tokeniser = member(holder(first), holder(second))
    assert tokeniser.public == joint_public([first.public, second.public])
    made = {tokens(each, IDENTIFIERS)[0] for each in (tokeniser, member(holder(first)), member(holder(second)))}
    assert len(made) == 3


def test_a_share_alone_is_not_the_key() -> None:
    first, second = split(KEY)
    assert KEY.secret not in (first.secret, second.secret)
    assert split(KEY)[0].secret != first.secret
    assert tokens(KeyTokeniser(EPOCH, first), IDENTIFIERS) != tokens(KeyTokeniser(EPOCH, KEY), IDENTIFIERS)


def test_a_holder_sees_nothing_that_comes_again() -> None:
    seen = Seen(LocalEvaluator({EPOCH: KEY}))
    for _ in range(2):
        tokens(member(Holder(seen, KEY.public)), IDENTIFIERS)
    forms = {hash_to_group(canonical(*each), Mode.VOPRF) for each in IDENTIFIERS}
    assert len(set(seen.shown)) == 2 * len(IDENTIFIERS)
    assert not forms & set(seen.shown)


@pytest.mark.parametrize("position", [0, 1])
def test_each_holder_of_a_split_key_must_prove(position: int) -> None:
    shares = split(KEY)
    other = epoch_key(bytes(32), EPOCH)
    holders = [holder(share) for share in shares]
    cheat = Cheat(LocalEvaluator({EPOCH: shares[position]}), LocalEvaluator({EPOCH: other}))
    holders[position] = Holder(cheat, shares[position].public)
    with pytest.raises(ProofRefused) as refused:
        tokens(member(*holders), IDENTIFIERS)
    assert refused.value.place == f"holder {position + 1}"


def test_another_key_than_the_one_made_known_is_refused() -> None:
    with pytest.raises(ProofRefused):
        tokens(member(holder(KEY, epoch_key(bytes(32), EPOCH).public)), IDENTIFIERS)
    with pytest.raises(ProofRefused):
        tokens(member(holder(KEY, bytes(32))), IDENTIFIERS)


def test_no_holder_is_a_mistake_and_no_identifier_is_none() -> None:
    with pytest.raises(UsageError):
        member()
    assert tokens(member(holder(KEY)), []) == []


def test_a_tokeniser_travels_between_processes_and_hides_its_key() -> None:
    tokeniser = member(holder(KEY))
    assert pickle.loads(pickle.dumps(tokeniser)) == tokeniser
    assert KEY.secret.hex() not in repr(tokeniser) and repr(KEY.secret) not in repr(tokeniser)


def test_an_evaluator_refuses_closed_epochs_bad_elements_and_odd_batches() -> None:
    evaluator = LocalEvaluator.of(bytes(32), [EPOCH])
    with pytest.raises(EpochClosed):
        evaluator.evaluate(ELEMENTS, "2026-q3", MEMBER)
    with pytest.raises(InvalidElement) as refused:
        evaluator.evaluate([*ELEMENTS, bytes(32)], EPOCH, MEMBER)
    assert refused.value.place == "element 3"
    for batch in ([], ELEMENTS[:1] * (LARGEST_BATCH + 1)):
        with pytest.raises(InputRefused):
            evaluator.evaluate(batch, EPOCH, MEMBER)


@pytest.fixture(params=["memory", "file"])
def usage(request: pytest.FixtureRequest, tmp_path: Path) -> UsageCount:
    return Usage() if request.param == "memory" else UsageFile(tmp_path / "usage.sqlite")


def test_a_count_is_per_member_and_day_whole_or_not_at_all(usage: UsageCount) -> None:
    today, tomorrow = date(2026, 10, 1), date(2026, 10, 2)
    assert usage.take("a", today, 100, allowed=100)
    assert not usage.take("a", today, 1, allowed=100)
    assert usage.take("b", today, 1, allowed=100)
    assert usage.take("a", tomorrow, 60, allowed=100)
    assert not usage.take("a", tomorrow, 41, allowed=100)
    assert usage.take("a", tomorrow, 40, allowed=100)
    assert not usage.take("c", today, 101, allowed=100)
    assert usage.take("c", today, 100, allowed=100)


def test_a_count_outlives_its_process_and_holds_under_many(tmp_path: Path) -> None:
    path, today = tmp_path / "usage.sqlite", date(2026, 10, 1)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: UsageFile(path).take("a", today, 10, allowed=95), range(16)))
    assert sum(taken) == 9
    assert not UsageFile(path).take("a", today, 6, allowed=95)


def test_a_count_that_cannot_be_kept_allows_nothing(tmp_path: Path) -> None:
    (tmp_path / "usage.sqlite").write_bytes(b"this is no database, whatever its name says")
    for path in (tmp_path / "usage.sqlite", tmp_path / "none" / "usage.sqlite"):
        with pytest.raises(OutputNotWritten):
            UsageFile(path).take("a", date(2026, 10, 1), 1, allowed=10)


def test_a_quota_ends_with_the_day_and_the_unlisted_have_none() -> None:
    now = [DAY]
    metered = Metered(LocalEvaluator({EPOCH: KEY}), Usage(), {MEMBER: 4}, lambda: now[0])
    assert len(metered.evaluate(ELEMENTS, EPOCH, MEMBER).elements) == 3
    with pytest.raises(QuotaSpent):
        metered.evaluate(ELEMENTS, EPOCH, MEMBER)
    with pytest.raises(QuotaSpent) as refused:
        metered.evaluate(ELEMENTS, EPOCH, "member-b")
    assert isinstance(refused.value, RefusedByPolicy)
    now[0] += timedelta(hours=1)
    assert len(metered.evaluate(ELEMENTS, EPOCH, MEMBER).elements) == 3


@dataclass
class Records:
    """A recorder in memory."""

    entries: list[Entry] = field(default_factory=list)

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> Entry:
        self.entries.append(Entry(len(self.entries), now.isoformat(), kind, actor, subject, dict(details)))
        return self.entries[-1]


def test_requests_are_recorded_answered_or_refused_without_elements() -> None:
    records = Records()
    recorded = Recorded(LocalEvaluator({EPOCH: KEY}), records, lambda: DAY)
    recorded.evaluate(ELEMENTS, EPOCH, MEMBER)
    with pytest.raises(EpochClosed):
        recorded.evaluate(ELEMENTS, "2020-q1", MEMBER)
    assert [(entry.kind, entry.actor, entry.subject) for entry in records.entries] == [
        ("token-request", MEMBER, EPOCH),
        ("token-request", MEMBER, "2020-q1"),
    ]
    assert records.entries[0].details == {"elements": 3, "answered": True}
    assert records.entries[1].details["answered"] is False and "2020-q1" in records.entries[1].details["reason"]


def test_evaluators_compose_and_the_real_ledger_takes_the_record(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        metered = Metered(LocalEvaluator({EPOCH: KEY}), UsageFile(tmp_path / "usage.sqlite"), {MEMBER: 3}, lambda: DAY)
        tokeniser = member(Holder(Recorded(metered, ledger, lambda: DAY), KEY.public))
        assert tokens(tokeniser, IDENTIFIERS) == tokens(KeyTokeniser(EPOCH, KEY), IDENTIFIERS)
        with pytest.raises(QuotaSpent):
            tokens(tokeniser, IDENTIFIERS)
        assert [entry.details["answered"] for entry in ledger.entries()] == [True, False]


@given(
    st.sampled_from(sorted(KINDS)),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", fullmatch=True),
    st.binary(min_size=32, max_size=32),
)
def test_a_token_is_read_as_it_was_written(kind: str, epoch: str, value: bytes) -> None:
    token = Token(epoch, kind, value)
    assert Token.parse(str(token)) == token


A_TOKEN = str(Token(EPOCH, "email", bytes(32)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "swt1",
        A_TOKEN[:-1],
        A_TOKEN + "A",
        A_TOKEN + "=",
        A_TOKEN + "\n",
        A_TOKEN + ":x",
        A_TOKEN[:-1] + "B",  # bits that stand for nothing
        A_TOKEN[:-1] + "+",
        A_TOKEN[:-1] + "é",
        A_TOKEN.replace("swt1", "swt2"),
        A_TOKEN.replace("email", "passport"),
        A_TOKEN.replace(EPOCH, ""),
        A_TOKEN.replace(EPOCH, "two words"),
        A_TOKEN.replace(EPOCH, "x" * 41),
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        Token.parse(text)


@pytest.mark.parametrize("epoch", ["", "x" * 41, "a:b", "-q4", "q4\n", "é"])
def test_what_names_no_epoch_is_refused(epoch: str) -> None:
    with pytest.raises(EpochRefused):
        epoch_key(bytes(32), epoch)


def test_a_seed_is_kept_for_its_owner_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "seed"
    seed = new_seed(path)
    assert read_seed(path) == seed and path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutputNotWritten):
        new_seed(path)
    path.chmod(0o640)
    with pytest.raises(NoReadableInput, match="others"):
        read_seed(path)
    (tmp_path / "other").write_text("synthetic")
    (tmp_path / "other").chmod(0o600)
    for bad in (tmp_path / "other", tmp_path / "none"):
        with pytest.raises(NoReadableInput):
            read_seed(bad)
