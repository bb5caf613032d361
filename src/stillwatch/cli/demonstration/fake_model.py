"""A model that answers every chat with one sentence and a reasoning; its interface is that of chat completions."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_MESSAGE = {"role": "assistant", "content": "A synthetic answer.", "reasoning_content": "Synthetic thoughts."}
_USAGE = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}


async def chat(request: Request) -> JSONResponse:
    """Answer one chat."""
    await request.body()
    choice = {"index": 0, "message": _MESSAGE, "finish_reason": "stop"}
    about = {"id": "chatcmpl-synthetic", "object": "chat.completion", "created": 1, "model": "fake"}
    return JSONResponse({**about, "choices": [choice], "usage": _USAGE})


app = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
