"""A real LiteLLM proxy with a replayed campaign, a thousand benign users, a pardon and a rollback while it runs; and that
``gateway replay`` predicted it. Everything is synthetic. Starting the proxy takes some tens of seconds.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from stillwatch.gateway.adapters.body import facts_of_body
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.opening import opened
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.replay import Replayed, replay
from stillwatch.gateway.snapshot.shelf import Shelf
from stillwatch.gateway.snapshot.snapshot_build import AccountRow
from tests.gateway.fake_model import ANSWER, REASONING
from tests.gateway.proxy import fake_model, litellm_proxy
from tests.gateway.synthetic import KEY, SCAFFOLD, Book, publish, settings_for, wait_for

POLICY = """
mode = "enforce"
[grades.throttle]
requests_per_minute = 1000
[grades.hide]
requests_per_minute = 8
strip = ["reasoning", "logprobs"]
max_n = 1
max_top_logprobs = 0
[[rule]]
name = "work on a scaffold of a campaign"
evidence = ["scaffold"]
min_confidence = 80
when = {requests = 3, scaffold = 0.5}
grade = "throttle"
[[rule]]
name = "much work on a scaffold of a campaign"
evidence = ["scaffold"]
min_confidence = 80
when = {requests = 5, scaffold = 0.5}
grade = "hide"
plans = {enterprise = "watch"}
"""
SAMPLES = facts_of({"prompt": SCAFFOLD}, account_id="").samples
LISTED = Indicator(
    kind="scaffold", value="swf1:" + ".".join(f"{sample:016x}" for sample in SAMPLES), confidence=95, id="campaign--1"
)
POOL = [f"pool-{number}" for number in range(3)]
EACH = 8
BENIGN = 1000


def body_of(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "fake", "messages": [{"role": "user", "content": text}], **more}


def campaign() -> list[tuple[str, dict[str, Any]]]:
    """A queue worked off by a pool: one scaffold, ever new fillings."""
    return [
        (account, body_of(f"{SCAFFOLD}synthetic passage {turn} of {account}", n=2, logprobs=True))
        for turn in range(EACH)
        for account in POOL
    ]


class Stage:
    """The proxy with the gateway's folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.client = httpx.Client(base_url=url, timeout=60, trust_env=False, limits=httpx.Limits(max_connections=16))

    def ask(self, account: str, body: dict[str, Any]) -> httpx.Response:
        return self.client.post("/v1/chat/completions", json=body, headers={"authorization": f"Bearer sk-{account}"})

    def rows(self, account: str) -> list[dict[str, Any]]:
        paths = sorted((self.folder / "decisions").glob("*"))
        rows = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
        return [row for row in rows if row["account_id"] == account]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("litellm")
    gateway = folder / "gateway"
    publish(gateway, POLICY.replace('"enforce"', '"observe"'), indicators=[LISTED])
    publish(gateway, POLICY, indicators=[LISTED], accounts=[AccountRow("planned", plan="enterprise")])
    with fake_model(folder) as model, litellm_proxy(folder, model, gateway) as proxy:
        yield Stage(proxy.url, gateway)


def predicted(folder: Path, asked: list[tuple[str, dict[str, Any]]]) -> Replayed:
    """What a replay of the same requests says beforehand."""
    now = datetime.now(UTC).timestamp()
    past = [
        (now + place / 1000, facts_of_body(body, "", {}, {"account_id": account, "request_id": str(place)})[0][0])
        for place, (account, body) in enumerate(asked)
    ]
    return replay(past, Shelf(folder / "snapshots", [KEY.public_key()]).load(), {})


def served(response: httpx.Response) -> str:
    """What a client got: everything, less, or nothing."""
    if response.status_code != 200:
        return str(response.status_code)
    answer = response.json()
    choice = answer["choices"][0]
    hidden = not choice["message"].get("reasoning_content") and not choice.get("logprobs") and len(answer["choices"]) == 1
    assert choice["message"]["content"] == ANSWER
    return "hidden" if hidden else "whole"


def test_a_campaign_is_hidden_within_the_requests_of_the_policy_as_predicted(stage: Stage) -> None:
    asked = campaign()
    forecast = predicted(stage.folder, asked)
    got: dict[str, list[str]] = {account: [] for account in POOL}
    for account, body in asked:
        got[account].append(served(stage.ask(account, body)))
    for account in POOL:
        assert got[account] == ["whole"] * 4 + ["hidden"] * 4
        wait_for(lambda account=account: len(stage.rows(account)) == EACH - 2, 10)  # type: ignore[misc]
    foreseen = {(hit.account_id, hit.grade): (hit.after, hit.requests) for hit in forecast.hits}
    for account in POOL:
        actions = [row["gateway_action"] for row in sorted(stage.rows(account), key=lambda row: row["ts"])]
        assert actions == ["throttle"] * 2 + ["hide"] * 4
        assert foreseen[account, "throttle"] == (3, 2)
        assert foreseen[account, "hide"] == (5, 4)
    done = stage.rows(POOL[0])[-1]
    assert (done["status"], done["output_tokens"], done["gateway_enforced"], done["gateway_altered"]) == (200, 7, True, True)


def test_a_thousand_benign_users_are_untouched(stage: Stage) -> None:
    asked = [(f"benign-{number}", body_of(f"What is {number} plus {number}? Synthetic.", n=1)) for number in range(BENIGN)]
    assert predicted(stage.folder, asked).hits == []
    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(lambda pair: served(stage.ask(*pair)), asked))
    assert answers == {"whole": BENIGN}
    assert not any(stage.rows(f"benign-{number}") for number in range(0, BENIGN, 100))


def test_an_account_beyond_its_rate_is_refused_and_told_when_to_come_back(stage: Stage) -> None:
    answers = [stage.ask("hasty", body_of(f"{SCAFFOLD}synthetic passage {turn}")) for turn in range(24)]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(late.headers["retry-after"]) <= 60
    assert late.json()["error"]["type"] == "rate_limit_error"


def test_a_plan_is_honoured(stage: Stage) -> None:
    got = [served(stage.ask("enterprise-1", body_of(f"{SCAFFOLD}synthetic passage {turn}", n=2))) for turn in range(7)]
    assert got == ["whole"] * 7


def test_a_stream_is_hidden_too_and_whole_for_others(stage: Stage) -> None:
    for turn in range(4):
        stage.ask("streamer", body_of(f"{SCAFFOLD}synthetic passage {turn}"))
    texts = {
        account: stage.ask(account, body_of(f"{SCAFFOLD}synthetic passage of {account}", stream=True)).text
        for account in ("streamer", "first-time")
    }
    said = {account: "".join(contents(text)) for account, text in texts.items()}
    assert said == dict.fromkeys(texts, ANSWER)
    assert ["reasoning_content" in text for text in texts.values()] == [False, True]
    assert all(text.rstrip().endswith("data: [DONE]") for text in texts.values())


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/responses", {"input": f"{SCAFFOLD}synthetic passage"}),
        ("/v1/messages", {"max_tokens": 9, **body_of("Hello, synthetic.")}),
    ],
)
def test_other_interfaces_are_hidden_too(stage: Stage, path: str, asked: dict[str, Any]) -> None:
    account = f"other{path.replace('/', '-')}"
    for turn in range(5):
        stage.ask(account, body_of(f"{SCAFFOLD}synthetic passage {turn}"))
    answers = {
        name: stage.client.post(path, json={"model": "fake", **asked}, headers={"authorization": f"Bearer sk-{name}"})
        for name in (account, f"first{path.replace('/', '-')}")
    }
    assert [answer.status_code for answer in answers.values()] == [200, 200]
    assert [REASONING in answer.text for answer in answers.values()] == [False, True]
    assert all(ANSWER in answer.text for answer in answers.values())


def test_a_call_cannot_pass_for_another_by_its_id(tmp_path: Path) -> None:
    from stillwatch.gateway.adapters.litellm_guardrail import StillwatchGuardrail

    publish(tmp_path, POLICY.replace("requests = 5", "requests = 1"), indicators=[LISTED])
    with opened(settings_for(tmp_path), recorder=Book()) as gateway:
        guardrail = StillwatchGuardrail(gate=gateway.gate)
        hidden, clean = (
            asyncio.run(guardrail.async_pre_call_hook(SimpleNamespace(api_key=account), None, called(text), "acompletion"))
            for account, text in (("pool-1", f"{SCAFFOLD}synthetic"), ("clean", "Hello, synthetic."))
        )
        answers = [
            asyncio.run(
                guardrail.async_post_call_success_hook(call, None, {"choices": [{"message": {"reasoning_content": REASONING}}]})
            )
            for call in (hidden, clean)
        ]
    assert [REASONING in str(answer) for answer in answers] == [False, True]


def called(text: str) -> dict[str, Any]:
    """A call as LiteLLM holds it, under an id that its client chose."""
    return {**body_of(text), "litellm_call_id": "chosen-by-the-client", "metadata": {}}


def contents(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line[6:])["choices"]:
                yield choice["delta"].get("content") or ""


def test_a_pardon_takes_effect_while_it_runs(stage: Stage) -> None:
    for turn in range(5):
        got = served(stage.ask("mistaken", body_of(f"{SCAFFOLD}synthetic passage {turn}", n=2)))
    assert got == "hidden"
    at = int(datetime.now(UTC).timestamp())
    PardonBook(stage.folder / "pardons.sqlite").add(Pardon("pardon--1", "mistaken", "analyst-1", "synthetic", at, at + 3600))
    wait_for(lambda: served(stage.ask("mistaken", body_of("Hello, synthetic.", n=2))) == "whole", 5)


def test_a_rollback_takes_effect_while_it_runs(stage: Stage) -> None:
    for turn in range(5):
        got = served(stage.ask("rolled", body_of(f"{SCAFFOLD}synthetic passage {turn}", n=2)))
    assert got == "hidden"
    shelf = Shelf(stage.folder / "snapshots", [KEY.public_key()])
    assert shelf.rollback() == (2, 1)
    wait_for(lambda: served(stage.ask("rolled", body_of(f"{SCAFFOLD}synthetic passage", n=2))) == "whole", 5)
    shelf.rollback(to=2)
    wait_for(lambda: served(stage.ask("rolled", body_of(f"{SCAFFOLD}synthetic passage again", n=2))) in ("hidden", "429"), 5)


def test_a_ledger_knows_whose_answers_were_altered(stage: Stage) -> None:
    from stillwatch.sharing.ledger.ledger import Ledger

    with Ledger.read(stage.folder / "ledger.sqlite") as ledger:
        altered = {entry.subject for entry in ledger.entries(0, "decision") if entry.details["what"] == "answers altered"}
    assert set(POOL) <= altered
    assert not any(subject.startswith(("benign", "enterprise")) for subject in altered)


def test_malformed_requests_are_answered_by_the_proxy(stage: Stage) -> None:
    for content in (b"", b"{", b"[]", b'{"model": "fake", "messages": 3}', b"\xff"):
        headers = {"authorization": "Bearer sk-odd", "content-type": "application/json"}
        response = stage.client.post("/v1/chat/completions", content=content, headers=headers)
        assert 400 <= response.status_code <= 500
        assert "stillwatch" not in response.text
