"""The middleware in real Starlette and FastAPI applications, and against clients that misbehave. All values are synthetic."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from fastapi import Request as FastRequest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from stillwatch.gateway.adapters.asgi import StillwatchMiddleware
from stillwatch.gateway.adapters.identity import Identity
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.opening import Gateway
from stillwatch.gateway.snapshot.registers import Entry
from tests.gateway.fake_model import ANSWER, chat
from tests.gateway.synthetic import Book, publish, settings_for

POLICY = """
mode = "enforce"
[grades.hide]
strip = ["reasoning", "logprobs"]
max_n = 1
canary = true
[grades.throttle]
requests_per_minute = 2
[[rule]]
name = "hide"
evidence = ["campaign"]
min_confidence = 50
grade = "hide"
[[rule]]
name = "block"
evidence = ["account", "prefix"]
grade = "block"
"""
INDICATORS = [
    Indicator(kind="campaign", value="bad", confidence=99, id="campaign--1"),
    Indicator(kind="account", value="worse", confidence=99, id="own--1"),
    Indicator(kind="prefix", value="198.51.100.0/24", confidence=99, id="own--2"),
]


class Stamp:
    """A marker that shows."""

    def mark(self, text: str, account: str) -> str:
        return f"{text}[{account}]"


async def plain(request: Request) -> Response:
    return PlainTextResponse(f"read {len(await request.body())}")


async def echo(request: Request) -> Response:
    return JSONResponse(await request.json())


async def broken(request: Request) -> Response:
    return Response(b"{not json", media_type="application/json")


async def endless_event(request: Request) -> Response:
    async def parts() -> Any:
        for _ in range(100):
            yield b"data: " + b"x" * 100_000

    return StreamingResponse(parts(), media_type="text/event-stream")


ROUTES = [
    Route("/v1/chat/completions", chat, methods=["POST"]),
    Route("/plain", plain, methods=["GET", "POST"]),
    Route("/echo", echo, methods=["POST"]),
    Route("/broken", broken, methods=["POST"]),
    Route("/endless", endless_event, methods=["POST"]),
]


class Bench:
    """An application behind the middleware, with its gateway and ledger."""

    def __init__(self, folder: Path, policy: str = POLICY, app: Any = None, **settings: Any) -> None:
        publish(
            folder, policy, indicators=INDICATORS, registers=[Entry("account", "tester", "evaluator (synthetic)", evaluator=True)]
        )
        self.ledger, self.folder = Book(), folder
        over = {"account_from": "header:x-account", **settings}
        self.gateway = Gateway(settings_for(folder, **over), recorder=self.ledger, marker=Stamp(), started=False)
        self.app = app or Starlette(routes=ROUTES)
        self.app.add_middleware(StillwatchMiddleware, gate=self.gateway.gate)
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def ask(self, account: str, path: str = "/v1/chat/completions", headers: dict[str, str] | None = None, **more: Any) -> Any:
        body = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}], **more}
        return self.client.post(path, json=body, headers={"x-account": account, **(headers or {})})

    def rows(self) -> list[dict[str, Any]]:
        self.gateway.keeper.tick()
        return [json.loads(line) for path in (self.folder / "decisions").glob("*") for line in path.read_text().splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.gateway.close()


def test_the_innocent_get_what_the_application_says(bench: Bench) -> None:
    answer = bench.ask("good", n=2, logprobs=True).json()
    assert len(answer["choices"]) == 2
    assert answer["choices"][0]["message"]["reasoning_content"]
    assert answer["choices"][0]["logprobs"]
    assert (bench.rows(), bench.ledger.entries) == ([], [])


def test_the_hidden_get_one_choice_without_reasoning_with_their_mark_and_a_ledger_entry(bench: Bench) -> None:
    response = bench.ask("bad", n=2, logprobs=True, top_logprobs=5)
    (choice,) = response.json()["choices"]
    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "content": f"{ANSWER}[bad]"},
        "finish_reason": "stop",
        "logprobs": None,
    }
    assert int(response.headers["content-length"]) == len(response.content)
    bench.ask("bad")
    ((kind, subject, details),) = bench.ledger.entries
    assert (kind, subject, details["grade"], details["evidence"], details["canary"]) == (
        "decision",
        "bad",
        "hide",
        ["campaign--1"],
        True,
    )
    assert [(row["gateway_altered"], row["status"]) for row in bench.rows()] == [(True, 200), (True, 200)]


def test_a_stream_is_measured_as_it_flows(bench: Bench) -> None:
    text = bench.ask("bad", stream=True).text
    events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
    deltas = [event["choices"][0]["delta"] for event in events]
    assert "reasoning" not in text
    assert "".join(delta.get("content", "") for delta in deltas) == f"{ANSWER}[bad]"
    assert text.endswith("data: [DONE]\n\n")
    assert "reasoning" in bench.ask("good", stream=True).text


def test_the_blocked_are_refused_without_being_told_of_evidence(bench: Bench) -> None:
    response = bench.ask("worse")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "stillwatch_block")
    assert "own--1" not in response.text
    (row,) = bench.rows()
    assert (row["status"], row["gateway_evidence"], row["operation"], row["n_messages"]) == (403, ["own--1"], "chat", 1)


def test_without_a_ledger_nothing_is_altered_and_an_alarm_is_raised(bench: Bench) -> None:
    def refuse(*_: Any) -> None:
        raise OSError("disk full (synthetic)")

    bench.ledger.append = refuse  # type: ignore[method-assign]
    assert bench.ask("bad").json()["choices"][0]["message"]["reasoning_content"]
    assert bench.gateway.alarms.counts() == {"ledger": 1}
    assert bench.rows()[0]["gateway_altered"] is False


def test_an_evaluator_is_never_altered(tmp_path: Path) -> None:
    policy = POLICY.replace("min_confidence = 50", "min_confidence = 0").replace(
        "[grades.hide]", "[grades.allow]\ncanary = true\n[grades.hide]"
    )
    bench = Bench(tmp_path, policy)
    assert bench.ask("tester").json()["choices"][0]["message"]["content"] == ANSWER
    assert bench.ask("anybody").json()["choices"][0]["message"]["content"] == f"{ANSWER}[anybody]"


def test_lies_about_the_address_are_not_believed(tmp_path: Path, bench: Bench) -> None:
    lie = {"x-forwarded-for": "198.51.100.7", "x-real-ip": "198.51.100.7", "x-ja4": "lie", "x-request-id": "lie"}
    assert bench.ask("good", headers=lie).status_code == 200
    behind = Bench(tmp_path / "behind", trusted_hops=1)
    assert behind.ask("good", headers={"x-forwarded-for": "198.51.100.7"}).status_code == 403
    assert behind.ask("good", headers={"x-forwarded-for": "198.51.100.7, 192.0.2.1"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1, 2]", b"\xff\xfe", b"[" * 100_000, b'{"messages": 3}', b'{"model": 1, "messages": [[]]}', b'{"n": 1e999}'],
)
def test_malformed_bodies_reach_the_application_and_are_judged(bench: Bench, body: bytes) -> None:
    assert bench.client.post("/plain", content=body, headers={"x-account": "good"}).text == f"read {len(body)}"
    assert bench.client.post("/plain", content=body, headers={"x-account": "worse"}).status_code == 403
    assert bench.client.post("/plain", content=body, headers={"x-account": "bad"}).status_code == 200
    assert "gateway" not in bench.gateway.alarms.counts()


def test_only_posts_are_judged(bench: Bench) -> None:
    assert bench.client.get("/plain", headers={"x-account": "worse"}).text == "read 0"


def test_answers_that_cannot_be_read_pass_or_end_as_the_grade_says(tmp_path: Path, bench: Bench) -> None:
    assert bench.ask("bad", "/broken").content == b"{not json"
    closed = Bench(tmp_path / "closed", POLICY.replace("[grades.hide]", '[grades.hide]\non_failure = "closed"'))
    response = closed.ask("bad", "/broken")
    assert (response.status_code, response.json()["error"]["type"]) == (502, "api_error")
    assert closed.gateway.alarms.counts() == {"answer": 1}


def test_a_compressed_answer_is_asked_for_plainly(tmp_path: Path) -> None:
    app = Starlette(routes=ROUTES)
    app.add_middleware(GZipMiddleware, minimum_size=1)
    bench = Bench(tmp_path, app=app)
    assert "content-encoding" in bench.ask("good").headers
    hidden = bench.ask("bad")
    assert "content-encoding" not in hidden.headers
    assert "reasoning_content" not in hidden.text


def test_an_endless_event_ends_the_stream_with_an_alarm(bench: Bench) -> None:
    response = bench.ask("bad", "/endless")
    assert len(response.content) < 8 << 20
    assert bench.gateway.alarms.counts() == {"answer": 1}


def test_the_application_reads_the_limited_body(bench: Bench) -> None:
    assert bench.ask("bad", "/echo", n=9, logprobs=True).json()["n"] == 1
    assert bench.ask("good", "/echo", n=9).json()["n"] == 9


Message = dict[str, Any]


def drive(bench: Bench, receive: Callable[[], Awaitable[Message]], account: str = "good") -> list[Message]:
    """One request, spoken in ASGI."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/plain", "headers": [(b"x-account", account.encode())], "query_string": b""}
    asyncio.run(bench.app(scope, receive, send))
    return sent


def test_an_endless_body_is_handed_on_without_being_collected(bench: Bench) -> None:
    bench.gateway.gate.settings = settings_for(bench.folder, body_bytes=10_000, account_from="header:x-account")
    given = 0

    async def receive() -> Message:
        nonlocal given
        given += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": given < 500}

    sent = drive(bench, receive)
    assert (given, sent[1]["body"]) == (500, b"read 500000")
    given = 0
    assert drive(bench, receive, "worse")[0]["status"] == 403
    assert given == 11


def test_a_client_that_goes_away_is_no_alarm(bench: Bench) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientDisconnect):  # as the application says without us
        drive(bench, receive)
    assert bench.gateway.alarms.counts() == {}


def test_fastapi_with_its_own_idea_of_who_asks(tmp_path: Path) -> None:
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: FastRequest, body: Annotated[dict[str, Any], Body()]) -> Response:
        return await chat(request)

    publish(tmp_path, POLICY, indicators=INDICATORS)
    gateway = Gateway(settings_for(tmp_path), recorder=Book(), started=False)
    names = {b"Bearer sk-1": "bad", b"Bearer sk-2": "worse"}

    def identify(scope: Any) -> Identity:
        return Identity(names[dict(scope["headers"])[b"authorization"]], plan="free")

    app.add_middleware(StillwatchMiddleware, gate=gateway.gate, identify=identify)
    client = TestClient(app)
    asked = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}

    def answer(key: str) -> Any:
        return client.post("/v1/chat/completions", json=asked, headers={"authorization": f"Bearer {key}"})

    assert "reasoning_content" not in answer("sk-1").text
    assert answer("sk-2").status_code == 403
    assert "reasoning_content" in answer("sk-3").text
    assert gateway.alarms.counts() == {"identity": 1}
