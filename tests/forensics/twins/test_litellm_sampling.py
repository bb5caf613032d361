"""The callback for LiteLLM, driven by LiteLLM itself with a made-up answer; all requests are synthetic."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("litellm", reason="litellm is an optional extra")

import litellm

from stillwatch.errors import UsageError
from stillwatch.forensics.documents import read_lines
from stillwatch.forensics.twins.coins import coin_list
from stillwatch.forensics.twins.litellm_sampling import TwinSampling, has_twin
from stillwatch.forensics.twins.serving import Sampler, ServedAnswer

SECRET = b"a synthetic secret of 32 bytes.."
KEY = SimpleNamespace(api_key="hash-of-a-synthetic-key")
ASKED = [{"role": "user", "content": "Why is it wet?"}]


async def answered(sampling: TwinSampling, data: dict[str, Any]) -> dict[str, Any]:
    """What is asked after the hook; LiteLLM answers it and tells its callbacks."""
    asked = await sampling.async_pre_call_hook(KEY, None, data, "completion")
    litellm.callbacks = [sampling]
    try:
        await litellm.acompletion(model="openai/synthetic", mock_response="Because of the rain.", **asked)
        for _ in range(100):
            if sampling._log.exists() or "seed" not in asked:
                break
            await asyncio.sleep(0.05)
    finally:
        litellm.callbacks = []
    return asked


def test_a_sampled_request_has_our_seed_and_is_logged_as_served(tmp_path: Path) -> None:
    sampling = TwinSampling(tmp_path / "served.jsonl", SECRET, snapshot="snapshot-1", share=1.0)
    asked = asyncio.run(answered(sampling, {"messages": ASKED, "temperature": 0.7, "max_tokens": 50}))
    (line,) = read_lines(tmp_path / "served.jsonl", ServedAnswer, "served answers")
    assert asked["seed"] == coin_list(SECRET, line.request_id).seeds[0]
    assert (line.account, line.prompt, line.answer) == (KEY.api_key, "Why is it wet?", "Because of the rain.")
    assert (line.snapshot, line.sampler) == ("snapshot-1", Sampler(0.7, 1.0, 50))


@pytest.mark.parametrize(("share", "accounts", "sampled"), [(0.0, (), False), (0.0, (KEY.api_key,), True), (1.0, (), True)])
def test_a_share_of_all_and_every_request_of_named_accounts(
    tmp_path: Path, share: float, accounts: tuple[str, ...], sampled: bool
) -> None:
    sampling = TwinSampling(tmp_path / "served.jsonl", SECRET, snapshot="s", share=share, accounts=accounts)
    data = asyncio.run(sampling.async_pre_call_hook(KEY, None, {"messages": ASKED}, "completion"))
    assert ("seed" in data) is sampled


@pytest.mark.parametrize(
    "data",
    [
        {"messages": []},
        {"messages": [*ASKED, *ASKED]},
        {"messages": [{"role": "system", "content": "Be brief."}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Why?"}]}]},
        {"messages": ASKED, "temperature": 0},
        {"messages": ASKED, "n": 2},
        {"messages": ASKED, "seed": 7},
        {"messages": ASKED, "tools": [{"type": "function"}]},
    ],
)
def test_a_request_without_a_twin_is_left_alone(data: dict[str, Any]) -> None:
    assert not has_twin(data)


def test_a_short_secret_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has 5 bytes"):
        TwinSampling(tmp_path / "served.jsonl", b"short", snapshot="s", share=0.1)
