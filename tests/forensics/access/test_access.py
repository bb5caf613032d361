"""Access to models: retries, budgets, caches, keys, and servers that misbehave. All servers are synthetic and within the process."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.forensics.access.asking import asked
from stillwatch.forensics.access.budget import Budget, BudgetSpent
from stillwatch.forensics.access.cache import Cache
from stillwatch.forensics.access.calls import ATTEMPTS, GIVE_UP, AccessDenied
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.opening import Means, opened
from stillwatch.forensics.access.outcome import Answer, Score
from stillwatch.forensics.documents import write_lines

KEY = "sk-synthetic-key"
CHAT = Endpoint("example-1", url="http://suspect.test/v1", key_env="SUSPECT_KEY", price_input=100.0, price_output=100.0)
Handler = Callable[[httpx.Request], httpx.Response]


class Server:
    """A server within the process: gives the prepared responses in turn, the last one for ever, and keeps what it was asked."""

    def __init__(self, *responses: httpx.Response | Exception) -> None:
        self.responses = list(responses)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        if isinstance(response, Exception):
            raise response
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    def means(self, cache: Cache | None = None, limit: float | None = None) -> Means:
        return Means(
            cache or Cache(Path(":memory:")), Budget(limit), self.pauses.append, {"SUSPECT_KEY": KEY}, httpx.MockTransport(self)
        )


def said(text: str | None, finish: str = "stop", **usage: int) -> httpx.Response:
    body = {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}], "usage": usage or None}
    return httpx.Response(200, json=body)


def ask(server: Server, endpoint: Endpoint = CHAT, means: Means | None = None, prompt: str = "Why?") -> Answer:
    with opened(endpoint, means or server.means()) as model:
        return model.answer(prompt)


def score(server: Server, prompt: str = "Q", answer: str = "é be") -> Score:
    with opened(CHAT, server.means()) as model:
        return model.score(prompt, answer)


def test_a_chat_is_asked_as_the_plan_says() -> None:
    server = Server(said("Because."))
    assert ask(server) == Answer("Because.")
    (request,) = server.requests
    assert str(request.url) == "http://suspect.test/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert json.loads(request.content) == {
        "model": "example-1",
        "temperature": 0.7,
        "max_tokens": 512,
        "messages": [{"role": "user", "content": "Why?"}],
    }


def test_completions_are_asked_with_the_template() -> None:
    server = Server(httpx.Response(200, json={"choices": [{"text": "Because", "finish_reason": "length"}]}))
    assert ask(server, Endpoint("example-1", url="http://suspect.test/v1", kind="completions")) == Answer("Because", truncated=True)
    assert json.loads(server.requests[0].content)["prompt"] == "Why?\n"


def test_what_passes_is_tried_again_with_growing_pauses() -> None:
    server = Server(
        httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(429, headers={"Retry-After": "7"}), said("Because.")
    )
    assert ask(server).text == "Because."
    assert server.pauses == [1.0, 2.0, 7.0]


def test_a_rate_limit_without_end_is_a_failed_answer_and_then_silence() -> None:
    server = Server(httpx.Response(429, text="slow down"))
    with opened(CHAT, server.means()) as model:
        answers = [model.answer(f"Q{n}") for n in range(GIVE_UP + 3)]
    assert answers[0].failure == "HTTP 429: slow down"
    assert answers[-1].failure == f"left alone after {GIVE_UP} failures in a row"
    assert len(server.requests) == GIVE_UP * ATTEMPTS


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_ends_the_run_and_is_not_shown(status: int) -> None:
    with pytest.raises(AccessDenied) as caught:
        ask(Server(httpx.Response(status, text=f"Incorrect API key provided: {KEY}")))
    assert KEY not in str(caught.value)
    assert "check url, model and the key in SUSPECT_KEY" in str(caught.value)


def test_a_key_that_is_not_set_is_said_before_anything_is_asked() -> None:
    server = Server(said("x"))
    with pytest.raises(UsageError, match="SUSPECT_KEY is not set"):
        ask(server, means=Means(Cache(Path(":memory:")), Budget(), server.pauses.append, {}, httpx.MockTransport(server)))
    assert not server.requests


def test_answers_are_kept_and_failures_are_not(tmp_path: Path) -> None:
    server = Server(httpx.Response(400, text="no"), said("Because."))
    means = server.means(Cache(tmp_path / "exam" / "cache.sqlite"))
    assert ask(server, means=means).failure == "HTTP 400: no"
    assert [ask(server, means=means).text for _ in range(3)] == ["Because."] * 3
    assert len(server.requests) == 2
    means.cache.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "exam").iterdir())
    assert KEY.encode() not in stored
    assert (tmp_path / "exam" / "cache.sqlite").stat().st_mode & 0o777 == 0o600


def test_no_call_passes_the_budget() -> None:
    server = Server(said("Because.", prompt_tokens=20, completion_tokens=400))
    means = server.means(limit=0.12)  # a call costs 0.042; its worst case is 0.0512 for the answer and 0.006 for the question
    with opened(CHAT, means) as model:
        assert model.answer("one").text == model.answer("two").text == "Because."
        with pytest.raises(BudgetSpent, match=r"more than is left of 0\.12"):
            model.answer("three")
        assert model.answer("one").text == "Because."
    assert means.budget.spent == pytest.approx(0.084)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (httpx.Response(200, text="<html>"), "the server answers no JSON object of the expected form"),
        (httpx.Response(200, json=[1]), "the server answers no JSON object of the expected form"),
        (httpx.Response(200, json={"choices": []}), "the server gives no choice"),
        (httpx.Response(200, json={"error": "x"}), "not a completion: Object missing required field `choices`"),
    ],
)
def test_what_is_no_completion_is_a_failed_answer(response: httpx.Response, failure: str) -> None:
    answer = ask(Server(response))
    assert (answer.failure, answer.is_given) == (failure, False)


def test_empty_and_refused_answers_are_answers() -> None:
    assert not ask(Server(said(None))).is_given
    refused = httpx.Response(200, json={"choices": [{"message": {"content": None, "refusal": "I can't."}}]})
    assert ask(Server(refused)).text == "I can't."


def echoed(tokens: list[str], values: list[float | None], offsets: list[int] | None = None) -> httpx.Response:
    given = {"tokens": tokens, "token_logprobs": values} | ({} if offsets is None else {"text_offset": offsets})
    return httpx.Response(200, json={"choices": [{"text": "", "logprobs": given}]})


def test_tokens_of_the_answer_are_added_up() -> None:
    # text "Q\né be": the answer begins at character 2 and has 5 bytes; the last token was added by the server
    for offsets in ([0, 2, 3, 6], None):
        server = Server(echoed(["Q\n", "é", " be", "!"], [None, -1.5, -2.0, -9.0], offsets))
        assert score(server) == Score(-3.5, 5)
    assert json.loads(server.requests[0].content) | {"model": ""} == {
        "model": "",
        "prompt": "Q\né be",
        "echo": True,
        "logprobs": 1,
        "temperature": 0,
        "max_tokens": 0,
    }


def test_a_token_over_the_border_belongs_to_neither_side() -> None:
    assert score(Server(echoed(["Q", "\né", " be"], [None, -1.0, -2.0]))) == Score(-2.0, 3)


def test_a_server_that_must_add_a_token_is_let() -> None:
    server = Server(httpx.Response(400, text="max_tokens must be at least 1"), echoed(["Q\n", "é be", "?"], [None, -3.0, -1.0]))
    assert score(server) == Score(-3.0, 5)


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (said("no"), "the server gives no log-probabilities of what it was sent (echo)"),
        (echoed(["other"], [-1.0]), "the tokens do not add up to the text that was sent"),
        (echoed(["Q\n", "é be"], [None, -1.0], [2, 0]), "the tokens do not add up to the text that was sent"),
        (echoed(["Q\n", "é be"], [None]), "the tokens do not add up to the text that was sent"),
        (echoed(["Q\n", "é be"], [None, None]), "no token of the answer has a log-probability"),
        (echoed(["Q\né be"], [-1.0]), "no token of the answer has a log-probability"),
        (echoed(["Q\n", "é be"], [None, 3.0]), "the log-probabilities are not finite or positive"),
        (httpx.Response(429, text="slow"), "HTTP 429: slow"),
    ],
)
def test_what_gives_no_score_says_why(response: httpx.Response, failure: str) -> None:
    found = score(Server(response))
    assert (found.failure, found.per_byte) == (failure, None)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"url": "http://a.test", "weights": "w"},
        {"url": "ftp://a.test"},
        {"url": "http://user:pw@a.test/v1"},
        {"url": "http://a.test/v1?api_key=x"},
        {"url": "http://a.test/v1", "template": "no place"},
        {"url": "http://a.test/v1", "parallel": 0},
        {"url": "http://a.test/v1", "price_input": -1.0},
    ],
)
def test_an_end_point_that_cannot_be_asked_cannot_be_made(fields: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Endpoint("example-1", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://localhost/v1", True),
        ("http://10.0.0.1/v1", False),
        ("https://localhost.example/v1", False),
    ],
)
def test_what_is_local(url: str, local: bool) -> None:
    assert Endpoint("m", url=url).is_local is local


def test_recorded_answers(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    write_lines(path, [{"model": "m", "prompt": "Q", "answer": f"A{n}"} for n in range(2)])
    server = Server(said(""))
    with opened(Endpoint("m", answers=str(path)), server.means()) as model:
        assert [model.answer("Q", draw).text for draw in (0, 1)] == ["A0", "A1"]
        assert (model.answer("R").is_given, model.score("Q", "A0").per_byte) == (False, None)
    with (
        pytest.raises(NoReadableInput, match="no answers of 'other'"),
        opened(Endpoint("other", answers=str(path)), server.means()),
    ):
        pass


def test_a_file_that_is_no_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite").write_text("text, and long enough to be no empty database" * 50)
    with pytest.raises(NoReadableInput):
        Cache(tmp_path / "cache.sqlite")


def test_the_first_error_ends_the_asking() -> None:
    done: list[int] = []

    def fails_at_two(n: int) -> int:
        if n == 2:
            raise UsageError("stop")
        return n

    with pytest.raises(UsageError):
        asked(range(100), fails_at_two, parallel=1, progress=done.append)
    assert len(done) == 2
