"""An OpenAI-compatible model that answers at once, with reasoning and log-probabilities, streamed or not.

Run as ``python -m tests.gateway.fake_model PORT``; what it was asked is at ``GET /asked``.
"""

import json
import sys
from collections import deque
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ANSWER = "The answer is forty two."
REASONING = "First I look at the passage, then I count."
LOGPROBS = {"content": [{"token": "The", "logprob": -0.1, "bytes": None, "top_logprobs": []}]}
ASKED: deque[dict[str, Any]] = deque(maxlen=20_000)


async def chat(request: Request) -> Response:
    body = await request.json()
    ASKED.append({name: body.get(name) for name in ("n", "logprobs", "top_logprobs", "stream", "model")})
    if body.get("stream"):
        return StreamingResponse(chunks(), media_type="text/event-stream")
    message = {"role": "assistant", "content": ANSWER, "reasoning_content": REASONING}
    choices = [
        {"index": i, "message": message, "finish_reason": "stop", "logprobs": LOGPROBS if body.get("logprobs") else None}
        for i in range(body.get("n") or 1)
    ]
    return JSONResponse(completion("chat.completion", choices, {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}))


async def responses(request: Request) -> Response:
    body = await request.json()
    ASKED.append({"model": body.get("model"), "include": body.get("include")})
    text = {"type": "output_text", "text": ANSWER, "annotations": []}
    output = [
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": REASONING}]},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]},
    ]
    usage = {"input_tokens": 9, "output_tokens": 7, "total_tokens": 16}
    about = {"id": "resp_synthetic", "object": "response", "created_at": 1, "status": "completed", "model": "fake"}
    return JSONResponse(
        {**about, "output": output, "usage": usage, "tools": [], "tool_choice": "auto", "parallel_tool_calls": True}
    )


def completion(kind: str, choices: list[Any], usage: Any = None) -> dict[str, Any]:
    return {"id": "chatcmpl-synthetic", "object": kind, "created": 1, "model": "fake", "choices": choices, "usage": usage}


async def chunks() -> Any:
    deltas = [{"role": "assistant", "content": ""}, *({"reasoning_content": f"{word} "} for word in REASONING.split())]
    deltas += [{"content": word} for word in ("The answer ", "is forty ", "two.")]
    for delta in deltas:
        yield event(completion("chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": None}]))
    yield event(completion("chat.completion.chunk", [{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    yield "data: [DONE]\n\n"


def event(body: Any) -> str:
    return f"data: {json.dumps(body)}\n\n"


async def asked(request: Request) -> Response:
    return JSONResponse(list(ASKED))


app = Starlette(
    routes=[
        Route("/v1/chat/completions", chat, methods=["POST"]),
        Route("/v1/responses", responses, methods=["POST"]),
        Route("/asked", asked),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
