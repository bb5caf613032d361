"""The parts of the laboratory that need torch; run where it is installed (docs/laboratory.md says how)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is an optional extra of the laboratory")

from starlette.testclient import TestClient  # noqa: E402

from benchmarks.forensics.cast import SECRET, Scale, World, account_name, edited, keys_of, written  # noqa: E402
from benchmarks.forensics.language import Author  # noqa: E402
from benchmarks.forensics.network import Marking, Network, answers, load, next_tokens, save, scores_per_byte, trained  # noqa: E402
from benchmarks.forensics.serve import Server  # noqa: E402
from benchmarks.forensics.students import GREEN  # noqa: E402
from benchmarks.forensics.vocabulary import encode  # noqa: E402
from stillwatch.forensics.access.echoed import echoed_score  # noqa: E402
from stillwatch.forensics.twins.coins import coin_list  # noqa: E402

torch.set_num_threads(1)
TEXTS = written([Author.drawn(1)], 60, seed=0)
QUESTIONS = [example.question for example in TEXTS[:8]]


@pytest.fixture(scope="module")
def network() -> Network:
    return trained(TEXTS, epochs=6, seed=0)


def test_training_lowers_the_loss_and_seeds_fix_it(network: Network) -> None:
    torch.manual_seed(0)
    assert scores_per_byte(network, TEXTS).mean() > scores_per_byte(Network().eval(), TEXTS).mean() + 0.1
    again = trained(TEXTS, epochs=6, seed=0)
    assert all(torch.equal(one, other) for one, other in zip(network.parameters(), again.parameters(), strict=True))


def test_an_answer_depends_on_its_seed_and_not_on_its_batch(network: Network) -> None:
    together = answers(network, QUESTIONS, list(range(8)))
    alone = [answers(network, [question], [seed])[0] for seed, question in enumerate(QUESTIONS)]
    assert together == alone
    assert together != answers(network, QUESTIONS, list(range(8, 16)))


def test_marked_answers_are_green(network: Network) -> None:
    from benchmarks.forensics.vocabulary import encode
    from stillwatch.forensics.watermark.detection import WatermarkTest, detect
    from stillwatch.forensics.watermark.keys import tier_key
    from stillwatch.forensics.watermark.pairs import distinct_pairs

    questions = QUESTIONS * 8
    marked = answers(network, questions, list(range(64)), marking=Marking(GREEN, keys_of([account_name(0)] * 64)))
    pairs = distinct_pairs([np.array(encode(answer) or [1]) for answer in marked], width=2)
    found = detect(GREEN, tier_key(SECRET, "account", account_name(0)), pairs, np.random.default_rng(0))
    assert isinstance(found, WatermarkTest) and found.p_value < 1e-6


def test_weights_survive_the_disk(network: Network, tmp_path: Any) -> None:
    save(network, tmp_path / "one.pt")
    np.testing.assert_array_equal(scores_per_byte(load(tmp_path / "one.pt"), TEXTS), scores_per_byte(network, TEXTS))


def test_served_and_withheld_come_from_the_committed_seeds(network: Network) -> None:
    world = World(Scale(accounts=2, each=3, campaign=1), network, network, network)
    served = world.serve(GREEN)
    assert len(served.served) == 6 and set(served.accounts) == {"acct-00", "acct-01"}
    assert served.coins == [coin_list(SECRET, f"req-{place:05d}") for place in range(6)]
    assert served.served != served.withheld
    assert served.only(["acct-01"]).questions == served.questions[3:]


def test_edits_change_about_so_many_words() -> None:
    text = " ".join(["the"] * 1000)
    changed = sum(word != "the" for word in edited(text, 0.3, np.random.default_rng(0)).split())
    assert 230 < changed < 370


@pytest.fixture
def client(network: Network) -> Iterator[TestClient]:
    with TestClient(Server("synthetic", network).application) as running:
        yield running


def test_the_server_chats_as_openai_s_does(client: TestClient) -> None:
    asked = {"messages": [{"role": "user", "content": QUESTIONS[0]}], "seed": 3, "n": 2, "logprobs": True, "top_logprobs": 2}
    first, again = (client.post("/v1/chat/completions", json=asked | {"max_tokens": 7}).json() for _ in range(2))
    assert [choice["message"] for choice in first["choices"]] == [choice["message"] for choice in again["choices"]]
    content = first["choices"][0]["logprobs"]["content"]
    assert 0 < len(content) <= 7 and all(each["logprob"] <= 0 and len(each["top_logprobs"]) == 2 for each in content)
    assert first["usage"]["total_tokens"] == first["usage"]["prompt_tokens"] + first["usage"]["completion_tokens"]
    assert client.get("/v1/models").json()["data"][0]["id"] == "synthetic"


def test_served_and_direct_draws_agree(client: TestClient, network: Network) -> None:
    asked = {"messages": [{"role": "user", "content": QUESTIONS[0]}], "seed": 3, "temperature": 1.0}
    said = client.post("/v1/chat/completions", json=asked).json()["choices"][0]["message"]["content"]
    assert said == answers(network, QUESTIONS[:1], [3])[0]


def test_echoed_log_probabilities_are_the_model_s(client: TestClient, network: Network) -> None:
    example = TEXTS[0]
    text = f"{example.question}\n{example.answer}"
    body = client.post("/v1/completions", json={"prompt": text, "echo": True, "logprobs": 1, "max_tokens": 0}).json()
    score = echoed_score(body, text, answer_from=len(example.question) + 1)
    assert score.per_byte is not None
    asked, said = encode(f"{example.question}\n"), encode(example.answer)
    logs = next_tokens(network, np.array(asked + said))
    expected = sum(logs[len(asked) - 1 + place, token] for place, token in enumerate(said))
    assert score.per_byte * len(example.answer.encode()) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chat/completions", b"{"),
        ("chat/completions", b'{"messages": []}'),
        ("chat/completions", b'{"messages": [{"role": "user", "content": 5}]}'),
        ("chat/completions", b'{"messages": [{"role": "user", "content": "x"}], "temperature": 9}'),
        ("chat/completions", b'{"messages": [{"role": "user", "content": "x"}], "stream": true}'),
        ("completions", b'{"prompt": 5}'),
        ("completions", b'{"prompt": "' + b"x" * 5000 + b'"}'),
        ("completions", b"\xff"),
    ],
)
def test_bad_requests_are_told_so(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(f"/v1/{path}", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("prompt", ["", "\n", "unheard-of words", "\n\n ?"])
def test_odd_prompts_are_answered(client: TestClient, prompt: str) -> None:
    assert client.post("/v1/completions", json={"prompt": prompt, "max_tokens": 3}).status_code == 200
    assert client.post("/v1/completions", json={"prompt": prompt, "echo": True, "logprobs": 1}).status_code == 200
