"""A model of the laboratory behind an OpenAI-compatible end point, so that ``stillwatch examine`` can be shown on it.

python -m benchmarks.forensics.serve --lab LAB --model all --port 8101

``/v1/models``, ``/v1/chat/completions`` and ``/v1/completions`` with ``temperature``, ``top_p``, ``max_tokens``, ``n``, ``seed``, ``logprobs`` and,
for completions, ``echo``: the log-probabilities of a text that it is sent. Listens on this machine alone. Bad requests get 400.
"""

import argparse
import asyncio
import math
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from benchmarks.forensics.network import LONGEST_ANSWER, Network, load
from benchmarks.forensics.vocabulary import BREAK, END, decode, encode, pieces

_TOP = 5
_LONGEST_PROMPT = 4_000


class _Message(msgspec.Struct):
    role: str
    content: str


class _Asked(msgspec.Struct):
    """What both kinds of request have in common. Unknown fields are ignored, as OpenAI's servers mostly do."""

    model: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    n: int = 1
    seed: int | None = None
    stream: bool = False

    def __post_init__(self) -> None:
        """Refuse settings without a meaning."""
        if not (0 <= self.temperature <= 2 and 0 < self.top_p <= 1 and 1 <= self.n <= 16):
            raise ValueError("temperature must be in [0, 2], top_p in (0, 1], n in 1..16")
        if self.stream:
            raise ValueError("this server does not stream")
        if min(self.max_tokens or 0, self.max_completion_tokens or 0) < 0:
            raise ValueError("max_tokens must not be negative")

    @property
    def longest(self) -> int:
        """Tokens that may be drawn."""
        limits = [each for each in (self.max_tokens, self.max_completion_tokens) if each is not None]
        return min([LONGEST_ANSWER, *limits])


class _Chat(_Asked):
    messages: list[_Message] = []
    logprobs: bool = False
    top_logprobs: int = 0


class _Completion(_Asked):
    prompt: str = ""
    echo: bool = False
    logprobs: int | None = None


class Drawn(msgspec.Struct, frozen=True):
    """Tokens that were drawn, their log-probabilities before temperature, and why it ended."""

    tokens: list[int]
    logprobs: list[float]
    tops: list[list[tuple[int, float]]]
    finish: Literal["stop", "length"]


@torch.inference_mode()
def draw(network: Network, question: str, asked: _Asked, seed: int) -> Drawn:
    """One answer to a question."""
    luck = np.random.default_rng(seed).random(LONGEST_ANSWER)
    read, state, found = [*encode(question), BREAK], None, Drawn([], [], [], "length")
    for place in range(asked.longest):
        logits, state = network(torch.tensor([read]), state)
        logs = torch.log_softmax(logits[0, -1].double(), dim=0).numpy()
        token = _choice(logs, asked, luck[place])
        if token == END:
            return msgspec.structs.replace(found, finish="stop")
        found.tokens.append(token)
        found.logprobs.append(float(logs[token]))
        found.tops.append([(int(each), float(logs[each])) for each in np.argsort(-logs)[:_TOP]])
        read = [token]
    return found


def _choice(logs: np.ndarray, asked: _Asked, luck: float) -> int:
    """By inversion over the tokens in their order, as the laboratory samples; ``top_p`` leaves out the unlikely."""
    if asked.temperature == 0:
        return int(np.argmax(logs))
    chances = np.exp((logs - logs.max()) / asked.temperature)
    if asked.top_p < 1:
        order = np.argsort(-chances)
        before = np.cumsum(chances[order]) - chances[order]
        chances[order[before >= asked.top_p * chances.sum()]] = 0
    sums = np.cumsum(chances)
    return min(int(np.searchsorted(sums, luck * sums[-1], side="right")), len(chances) - 1)


@torch.inference_mode()
def echoed(network: Network, text: str) -> dict[str, Any]:
    """The tokens of a text with log-probabilities; the first has none."""
    found = pieces(text)
    tokens = [piece.token for piece in found]
    logs = torch.log_softmax(network(torch.tensor([tokens]))[0][0].double(), dim=1) if tokens else torch.zeros(0, 0)
    values = [None, *(float(logs[place, token]) for place, token in enumerate(tokens[1:]))]
    ends = [*(piece.start for piece in found), len(text)][1:]
    return {
        "tokens": [text[piece.start : end] for piece, end in zip(found, ends, strict=True)],
        "token_logprobs": values[: len(tokens)],
        "top_logprobs": None,
        "text_offset": [piece.start for piece in found],
    }


class Server:
    """The application for one model under one name."""

    def __init__(self, name: str, network: Network) -> None:
        self._name = name
        self._network = network
        self.application = Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/v1/completions", self._completions, methods=["POST"]),
            ]
        )

    async def _models(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": self._name, "object": "model", "owned_by": "laboratory"}]})

    async def _chat(self, request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body(), type=_Chat)
            if not asked.messages:
                raise ValueError("messages is empty")
            question = _checked(asked.messages[-1].content.strip())
        except (ValueError, msgspec.DecodeError) as error:
            return _bad(str(error))
        drawn = await run_in_threadpool(self._drawn, question, asked)
        choices = [_chat_choice(place, each, asked.logprobs, asked.top_logprobs) for place, each in enumerate(drawn)]
        return self._answer("chat.completion", choices, len(encode(question)), drawn)

    async def _completions(self, request: Request) -> Response:
        try:
            asked = msgspec.json.decode(await request.body(), type=_Completion)
            text = _checked(asked.prompt)
        except (ValueError, msgspec.DecodeError) as error:
            return _bad(str(error))
        if asked.echo:
            given = await run_in_threadpool(echoed, self._network, text)
            choice = {
                "index": 0,
                "text": text,
                "logprobs": given if asked.logprobs is not None else None,
                "finish_reason": "length",
            }
            return self._answer("text_completion", [choice], len(given["tokens"]), [])
        drawn = await run_in_threadpool(self._drawn, text.rstrip("\n"), asked)
        choices = [
            {"index": place, "text": decode(each.tokens), "logprobs": None, "finish_reason": each.finish}
            for place, each in enumerate(drawn)
        ]
        return self._answer("text_completion", choices, len(encode(text)), drawn)

    def _drawn(self, question: str, asked: _Asked) -> list[Drawn]:
        first = asked.seed if asked.seed is not None else secrets.randbits(48)
        return [draw(self._network, question, asked, abs(first) + place) for place in range(asked.n)]

    def _answer(self, kind: str, choices: list[dict[str, Any]], read: int, drawn: Sequence[Drawn]) -> Response:
        said = sum(len(each.tokens) for each in drawn)
        return JSONResponse(
            {
                "id": f"lab-{secrets.token_hex(8)}",
                "object": kind,
                "created": int(time.time()),
                "model": self._name,
                "choices": choices,
                "usage": {"prompt_tokens": read, "completion_tokens": said, "total_tokens": read + said},
            }
        )


def _chat_choice(place: int, drawn: Drawn, logprobs: bool, top: int) -> dict[str, Any]:
    content = [
        {"token": decode([token]), "logprob": value, "bytes": None, "top_logprobs": [_top(*each) for each in tops[:top]]}
        for token, value, tops in zip(drawn.tokens, drawn.logprobs, drawn.tops, strict=True)
    ]
    return {
        "index": place,
        "message": {"role": "assistant", "content": decode(drawn.tokens), "refusal": None},
        "logprobs": {"content": content, "refusal": None} if logprobs else None,
        "finish_reason": drawn.finish,
    }


def _top(token: int, value: float) -> dict[str, Any]:
    return {"token": decode([token]), "logprob": value if math.isfinite(value) else -9999.0, "bytes": None}


def _checked(text: str) -> str:
    if len(text) > _LONGEST_PROMPT:
        raise ValueError(f"the prompt has more than {_LONGEST_PROMPT} characters")
    return text


def _bad(reason: str) -> Response:
    return JSONResponse({"error": {"message": reason, "type": "invalid_request_error"}}, status_code=400)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", type=Path, required=True, help="folder that python -m benchmarks.forensics wrote")
    parser.add_argument("--model", required=True, help='a student or "base", "teacher"; the files in LAB/models')
    parser.add_argument("--port", type=int, default=8101)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    application = Server(chosen.model, load(chosen.lab / "models" / f"{chosen.model}.pt")).application
    server = Granian(application, address="127.0.0.1", port=chosen.port, interface=Interfaces.ASGI, websockets=False)
    asyncio.run(server.serve())


if __name__ == "__main__":
    main()
