"""The watermark where the plan declares one: in the suspect's answers, in weights that are open, and account codes in the answers.

Rules
- Answers are tokenised as the teacher does and tested once.
- An account's code is looked for where the suspect could remember what that account was served (tracing.codes says how).
- Open weights are read at the suspect's own answers, against the reference if its weights are open too. With another tokeniser than
  the teacher's nothing can be read from them.
- The tokeniser is a ``tokenizer.json``, read by the optional package ``tokenizers``; nothing is downloaded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.forensics.access.outcome import Model, OpenWeights
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.plan.draft import Draft, WatermarkSource
from stillwatch.forensics.plan.frozen import Plan
from stillwatch.forensics.tracing.codes import code_scores, trace_codes
from stillwatch.forensics.tracing.trace import Trace, TraceRules
from stillwatch.forensics.watermark.contexts import Tokens
from stillwatch.forensics.watermark.detection import LEAST_PAIRS, detect
from stillwatch.forensics.watermark.findings import finding
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import TierKey, commitment, tier_key
from stillwatch.forensics.watermark.pairs import Scores, contexts_within, distinct_pairs
from stillwatch.forensics.watermark.preferences import preferences


class Exchange(NamedTuple):
    """A prompt of an account with the answer that was served to it, and one that the suspect gives."""

    account: str
    prompt: str
    served: str
    answer: str


class Models(NamedTuple):
    """The suspect, and the reference if the plan has one."""

    suspect: Model
    reference: Model | None = None


class Marked(NamedTuple):
    """The findings, and the accounts that their own codes lead back to, if the plan asks for them and they may be looked at."""

    findings: list[Finding]
    codes: Trace | None


def marked(
    plan: Plan,
    source: WatermarkSource,
    models: Models,
    exchanges: Sequence[Exchange],
    environment: Mapping[str, str],
) -> Marked:
    """Look for the mark in ``exchanges`` and in weights that are open, and for the codes of their accounts, each in its own.

    Raises UsageError without the secret or the package, NoReadableInput without the tokeniser.
    """
    secret = _secret(source, environment)
    draft = plan.draft
    if commitment(secret) != plan.mark_commitment:
        why = "the secret is not the one to which the plan is committed"
        return Marked(
            [Finding.refusal("watermark-text", f"{draft.suspect.model} was trained on answers that we marked", why)], None
        )
    tokenizer = _tokenizer(source.tokenizer)
    prompts = [_tokens(tokenizer, exchange.prompt) for exchange in exchanges]
    texts = [_tokens(tokenizer, exchange.answer) for exchange in exchanges]
    scheme = GreenList(source.width, source.gamma) if source.scheme == "green-list" else Gumbel(source.width)
    key = tier_key(secret, source.tier, source.of)
    pairs = distinct_pairs(texts, width=source.width, prompts=prompts)
    result = detect(scheme, key, pairs, np.random.default_rng([draft.seed, _STREAM]))
    found = [finding(result, scheme, key, suspect=draft.suspect.model, access="text", alpha=draft.alpha)]
    if isinstance(models.suspect, OpenWeights):
        found.append(_by_weights(draft, scheme, key, models, [exchange.answer for exchange in exchanges], texts))
    if not source.account_codes:
        return Marked(found, None)
    answers = [_tokens(tokenizer, exchange.served) for exchange in exchanges]
    scores = {
        account: _code_scores(scheme, secret, account, *([column[at] for at in places] for column in (prompts, texts, answers)))
        for account, places in _places(exchanges).items()
    }
    return Marked(found, _codes(draft, scheme, scores))


def _by_weights(
    draft: Draft, scheme: GreenList | Gumbel, key: TierKey, models: Models, answers: Sequence[str], texts: Sequence[Tokens]
) -> Finding:
    """The mark in the suspect's next-token probabilities at its own ``answers``, whose tokens as the teacher's are ``texts``."""
    suspect, reference = models
    assert isinstance(suspect, OpenWeights)
    hypothesis = _hypothesis(draft)
    if not any(len(text) > scheme.width for text in texts):
        return Finding.refusal("watermark-weights", hypothesis, "the suspect gave no text of its own to read its weights at")
    if not all(np.array_equal(suspect.tokens(answer), text) for answer, text in zip(answers, texts, strict=True)):
        return Finding.refusal("watermark-weights", hypothesis, "the suspect's tokeniser is not the teacher's")
    beside = reference.next_tokens if isinstance(reference, OpenWeights) else None
    read = preferences(texts, suspect.next_tokens, width=scheme.width, reference=beside)
    result = detect(scheme, key, read.pairs, np.random.default_rng([draft.seed, _STREAM, 2]), weights=read.weights)
    return finding(result, scheme, key, suspect=draft.suspect.model, access="weights", alpha=draft.alpha)


def _hypothesis(draft: Draft) -> str:
    return f"{draft.suspect.model} was trained on answers that we marked"


def _code_scores(
    scheme: GreenList | Gumbel,
    secret: bytes,
    account: str,
    prompts: Sequence[Tokens],
    texts: Sequence[Tokens],
    answers: Sequence[Tokens],
) -> Scores:
    """Of one account: its prompts with the suspect's texts and the answers that were served."""
    pairs = distinct_pairs(texts, width=scheme.width, prompts=prompts)
    return code_scores(scheme, secret, account, pairs, contexts_within(answers, prompts, width=scheme.width))


def _codes(draft: Draft, scheme: GreenList | Gumbel, scores: Mapping[str, Scores]) -> Trace | None:
    """The trace by account codes; None if there is no account, or too little text for the codes of all together."""
    if sum(map(len, scores.values())) < LEAST_PAIRS:
        return None
    return trace_codes(scores, scheme, draft.clusters, TraceRules(draft.alpha, draft.fdr, by_betting=True))


def _places(exchanges: Sequence[Exchange]) -> dict[str, list[int]]:
    """The places of every account's exchanges, accounts in the order of their names."""
    places: dict[str, list[int]] = {account: [] for account in sorted({exchange.account for exchange in exchanges})}
    for place, exchange in enumerate(exchanges):
        places[exchange.account].append(place)
    return places


_STREAM = 3


def committed(source: WatermarkSource, environment: Mapping[str, str]) -> str:
    """The commitment to the watermark's secret, for the plan. Raises UsageError if the variable holds no hex digits."""
    return commitment(_secret(source, environment))


def _secret(source: WatermarkSource, environment: Mapping[str, str]) -> bytes:
    try:
        return bytes.fromhex(environment[source.secret_env])
    except (KeyError, ValueError) as error:
        raise UsageError("the watermark's secret is not set", place=source.secret_env, cure="export it in hex digits") from error


def _tokens(tokenizer: Any, text: str) -> NDArray[np.int64]:
    return np.array(tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int64)


def _tokenizer(path: str) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise UsageError(
            "a watermark needs the teacher's tokeniser", place=path, cure="pip install 'stillwatch[watermark]'"
        ) from error
    try:
        return Tokenizer.from_file(path)
    except Exception as error:  # the package raises bare Exception
        raise NoReadableInput(f"no tokeniser: {error}", place=path, cure="name a tokenizer.json") from error
