"""The policy as a file that people read and review: TOML, every key known, every contradiction an error with its place.

>>> read_policy('''
... schema = "stillwatch.policy/1"
... [[rule]]
... name = "members of a campaign"
... evidence = ["campaign"]
... origin = "own"
... min_confidence = 95
... grade = "hide"
... plans = {enterprise = "review"}
... ''').rules[0].grade_for("enterprise").word
'review'
"""

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stillwatch.errors import UsageError
from stillwatch.gateway.counters.account_state import SHARES
from stillwatch.gateway.evidence import Kind
from stillwatch.gateway.grade import GRADES
from stillwatch.gateway.policy import CONDITIONS, Measures, Policy, Rule

Word = Literal["allow", "watch", "throttle", "hide", "verify", "review", "block"]
Count = Annotated[int, Meta(ge=0)]


class NotAPolicy(UsageError):
    """The file does not say what a policy must say."""


class _Rule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: Annotated[str, Meta(min_length=1)]
    grade: Word
    evidence: list[Kind] = []
    origin: Literal["own", "received", "any"] = "any"
    min_confidence: Annotated[int, Meta(ge=0, le=100)] = 0
    when: dict[str, float] = {}
    plans: dict[str, Word] = {}


class _Measures(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    requests_per_minute: Count | None = None
    strip: list[Literal["reasoning", "logprobs"]] = []
    max_n: Annotated[int, Meta(ge=1)] | None = None
    max_top_logprobs: Count | None = None
    canary: bool = False
    hours: Annotated[float, Meta(gt=0)] = 24.0
    on_failure: Literal["open", "closed"] = "open"


class _Document(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    schema: Literal["stillwatch.policy/1"]
    mode: Literal["observe", "enforce"] = "observe"
    received_at_most: Word = "watch"
    shared_egress_at_most: Literal["allow", "watch", "throttle", "hide", "verify", "review"] = "watch"
    disputed_at_most: Word = "watch"
    authorised_at_most: Word = "watch"
    evaluators_at_most: Word = "watch"
    scaffold_overlap: Annotated[float, Meta(gt=0, le=1)] = 0.5
    snapshot_hours: Annotated[float, Meta(gt=0)] = 168.0
    grades: dict[Word, _Measures] = {}
    rule: list[_Rule] = []


def read_policy(text: str, place: str = "policy") -> Policy:
    """The policy in a TOML text. Raises NotAPolicy with the place of what is wrong."""
    try:
        document = msgspec.convert(tomllib.loads(text), _Document)
    except tomllib.TOMLDecodeError as error:
        raise NotAPolicy(f"not TOML: {error}", place=place, cure="see docs/gateway.md for a policy") from error
    except msgspec.ValidationError as error:
        raise NotAPolicy(str(error), place=place, cure="see docs/gateway.md for what a policy may say") from error
    policy = _policy(document)
    for fault in _faults(policy):
        raise NotAPolicy(fault, place=place, cure="change the rule or the bound that it names")
    return policy


def load_policy(path: Path) -> tuple[Policy, str]:
    """The policy in a file, and the file's text. Raises NotAPolicy."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotAPolicy(f"cannot be read: {error}", place=str(path), cure="name a policy file in TOML") from error
    return read_policy(text, str(path)), text


def default_policy_text() -> str:
    """The policy that ships with this version; it observes."""
    return resources.files("stillwatch.gateway").joinpath("default_policy.toml").read_text("utf-8")


def _policy(document: _Document) -> Policy:
    bounds = {name: GRADES[getattr(document, name)] for name in _Document.__struct_fields__ if name.endswith("_at_most")}
    return Policy(
        rules=tuple(map(_rule, document.rule)),
        measures={GRADES[word]: _measures(found) for word, found in document.grades.items()},
        mode=document.mode,
        scaffold_overlap=document.scaffold_overlap,
        snapshot_hours=document.snapshot_hours,
        **bounds,
    )


def _rule(rule: _Rule) -> Rule:
    return Rule(
        name=rule.name,
        grade=GRADES[rule.grade],
        evidence=tuple(rule.evidence),
        origin=rule.origin,
        min_confidence=rule.min_confidence,
        when=tuple(rule.when.items()),
        plans={plan: GRADES[word] for plan, word in rule.plans.items()},
    )


def _measures(found: _Measures) -> Measures:
    return Measures(**(msgspec.structs.asdict(found) | {"strip": frozenset(found.strip)}))


def _faults(policy: Policy) -> Iterator[str]:
    """What a policy says that it cannot mean."""
    names = [rule.name for rule in policy.rules]
    yield from (f"two rules are named {name!r}" for name in sorted({name for name in names if names.count(name) > 1}))
    for rule in policy.rules:
        yield from (f"rule {rule.name!r}: no such counter: {name}" for name, _ in rule.when if name not in CONDITIONS)
        yield from (
            f"rule {rule.name!r}: {name} is a share and at most 1" for name, least in rule.when if name in SHARES and least > 1
        )
        if not rule.evidence and not rule.when:
            yield f"rule {rule.name!r} needs evidence, counters or both"
        strictest = max(rule.grade, *rule.plans.values()) if rule.plans else rule.grade
        if rule.evidence and rule.origin == "received" and strictest > policy.received_at_most:
            yield (
                f"rule {rule.name!r} leads to {strictest.word}, but received_at_most is {policy.received_at_most.word}: "
                "received evidence alone goes no further"
            )
