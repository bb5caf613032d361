"""The draft: what a person writes, in TOML or JSON, before a plan is frozen.

Rules: an unknown key is an error, so that a misspelt choice is not silently the default. Paths are relative to the draft's folder.

    name = "example-1-october"            # synthetic
    twins = "twins.jsonl"
    records = "records.jsonl"
    [suspect]
    model = "example-1"
    url = "http://localhost:8000/v1"
    kind = "completions"

>>> draft = Draft(name="synthetic", twins="twins.jsonl", suspect=Endpoint("example-1", url="http://localhost:8000/v1"))
>>> draft.alpha, draft.mechanisms
(0.001, ('twins-text',))
"""

import math
from pathlib import Path
from typing import Literal

import msgspec

from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.documents import read_document
from stillwatch.forensics.statistics.power import PairEffect

Mechanism = Literal["twins-text", "twins-logprob"]

_MOST_ANSWERS = 50


class CampaignSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The suspected campaign: a scan's ``campaigns.json``, its ``id`` there if there are several, and ``logs`` for the loss."""

    file: str
    id: str = ""
    logs: list[str] = []


class SafeguardSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where refusals come from: a ``teacher`` to ask with ``probes`` ("built-in" or a file), or two logs of Inspect."""

    teacher: Endpoint | None = None
    probes: str = "built-in"
    teacher_log: str = ""
    suspect_log: str = ""


class WatermarkSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The mark to look for in the suspect's answers: the variable that holds the ``secret`` in hex, the teacher's ``tokenizer``
    (a ``tokenizer.json``), and scheme, context width, share of green tokens and tier (``of`` whom) as they were served;
    ``account_codes`` is whether every examined account's own code is looked for as well."""

    secret_env: str
    tokenizer: str
    scheme: Literal["green-list", "gumbel"] = "green-list"
    width: Literal[1, 2] = 2
    gamma: float = 0.5
    tier: Literal["global", "cohort", "account"] = "global"
    of: str = ""
    account_codes: bool = False


class Planning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The planning model (see statistics.power): a pair's effect in standard deviations if all training data was ours, and how it
    fades with the share that was. The defaults are those of the laboratory's students, which read everything three times.
    """

    effect_logprob: float = 0.627
    fading_logprob: float = 0.17
    effect_text: float = 0.062
    fading_text: float = 0.34

    def __post_init__(self) -> None:
        """Refuse what is no effect."""
        for name in self.__struct_fields__:
            if not 0 < getattr(self, name) < math.inf:
                raise UsageError(f"{name} = {getattr(self, name)} is not above 0", place="[planning]", cure="for example 0.5")

    def of(self, mechanism: str) -> PairEffect:
        """The model of one mechanism."""
        if mechanism == "twins-text":
            return PairEffect(self.effect_text, self.fading_text)
        return PairEffect(self.effect_logprob, self.fading_logprob)


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All choices of an examination.

    ``alpha``: error rate of each exact test; ``fdr``: of named accounts; ``stop_at``: the e-value at which the run may stop, if
    it may; ``record_key``: Ed25519 public key of the serving records, 64 hex digits; ``answers_per_prompt``: how often the suspect
    is asked each prompt; ``seed`` fixes the order of pairs and all drawing; ``accounts``: those examined, all if empty;
    ``reveal_twins``: whether a server that is not on this machine may be sent withheld answers.
    """

    name: str
    suspect: Endpoint
    twins: str
    records: str = ""
    record_key: str = ""
    mechanisms: tuple[Mechanism, ...] = ("twins-text",)
    reference: Endpoint | None = None
    alpha: float = 0.001
    fdr: float = 0.01
    answers_per_prompt: int = 4
    stop_at: float | None = None
    seed: int = 0
    accounts: list[str] = []
    clusters: dict[str, list[str]] = {}
    campaign: CampaignSource | None = None
    controls: list[Endpoint] = []
    control_answers: str = ""
    identity_names: list[str] = []
    safeguards: SafeguardSource | None = None
    watermark: WatermarkSource | None = None
    planning: Planning = Planning()
    reveal_twins: bool = False

    def __post_init__(self) -> None:
        """Refuse choices that contradict themselves, and the sending of withheld answers to strangers."""
        for name, value in (("alpha", self.alpha), ("fdr", self.fdr)):
            if not 0 < value < 1:
                raise UsageError(f"{name} = {value} is no rate between 0 and 1", place=self.name, cure=f"for example {name} = 0.01")
        if not self.name.strip() or not self.mechanisms or len(set(self.mechanisms)) < len(self.mechanisms):
            raise UsageError("a draft needs a name and each mechanism once", place=self.name, cure='mechanisms = ["twins-text"]')
        if not 1 <= self.answers_per_prompt <= _MOST_ANSWERS:
            raise UsageError("not that many answers", place="answers_per_prompt", cure=f"from 1 to {_MOST_ANSWERS}")
        if self.stop_at is not None and self.stop_at < 1 / self.alpha:
            raise UsageError(f"stop_at = {self.stop_at:g} is below 1/alpha", place=self.name, cure=f"at least {1 / self.alpha:g}")
        if bool(self.records) != bool(self.record_key):
            raise UsageError("records and record_key go together", place=self.name, cure="give the file and the key that signed it")
        self._check_secrecy()

    def _check_secrecy(self) -> None:
        asked = [self.suspect, *([self.reference] if self.reference else []), *self.controls]
        strangers = [endpoint.model for endpoint in asked if not endpoint.is_local]
        if "twins-logprob" in self.mechanisms and strangers and not self.reveal_twins:
            raise RefusedByPolicy(
                f"to score twins, {strangers[0]} would be sent answers that were withheld",
                place=self.name,
                cure="use weights on this machine, or text alone; or set reveal_twins = true, after which these pairs are spent",
            )


def read_draft(path: Path) -> Draft:
    """A draft from TOML or JSON, its paths made absolute. Raises NoReadableInput, UsageError or RefusedByPolicy."""
    draft = read_document(path, Draft, "draft of a plan")
    return resolved(draft, path.resolve().parent)


def resolved(draft: Draft, folder: Path) -> Draft:
    """The draft with every path made absolute from ``folder``."""

    def at(name: str) -> str:
        return str(folder / name) if name else ""

    def endpoint(given: Endpoint) -> Endpoint:
        return msgspec.structs.replace(given, weights=at(given.weights), answers=at(given.answers))

    replace = msgspec.structs.replace
    campaign, safeguards, watermark = draft.campaign, draft.safeguards, draft.watermark
    if campaign:
        campaign = replace(campaign, file=at(campaign.file), logs=[at(log) for log in campaign.logs])
    if safeguards:
        safeguards = replace(
            safeguards,
            teacher=endpoint(safeguards.teacher) if safeguards.teacher else None,
            probes=safeguards.probes if safeguards.probes == "built-in" else at(safeguards.probes),
            teacher_log=at(safeguards.teacher_log),
            suspect_log=at(safeguards.suspect_log),
        )
    return replace(
        draft,
        suspect=endpoint(draft.suspect),
        reference=endpoint(draft.reference) if draft.reference else None,
        controls=[endpoint(control) for control in draft.controls],
        twins=at(draft.twins),
        records=at(draft.records),
        control_answers=at(draft.control_answers),
        campaign=campaign,
        safeguards=safeguards,
        watermark=replace(watermark, tokenizer=at(watermark.tokenizer)) if watermark else None,
    )
