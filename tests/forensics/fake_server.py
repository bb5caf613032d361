"""A fake OpenAI-compatible server on the loopback interface, for students of the synthetic world; it can be made to misbehave."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from tests.forensics.synthetic_world import Student

Behaviour = Callable[[str, "Served"], tuple[int, str]]
"""From a prompt to an HTTP status and an answer."""


@dataclass
class Served:
    """What the server knows and has seen."""

    student: Student
    behaviour: Behaviour | None = None
    random_scores: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    generator: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.asked.append(body)
            if body.get("echo"):
                return 200, self._scored(body)
            chat = path.endswith("chat/completions")
            prompt = body["messages"][-1]["content"] if chat else body["prompt"]
            status, text = self.behaviour(prompt, self) if self.behaviour else (200, self.student.answer(prompt, self.generator))
            choice = {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
            usage = {"prompt_tokens": len(prompt.split()), "completion_tokens": len(text.split())}
            return status, {"choices": [choice | {"finish_reason": "stop"}], "usage": usage}

    def _scored(self, body: dict[str, Any]) -> dict[str, Any]:
        found = self.student.tokens(body["prompt"])
        if self.random_scores:
            found = [(token, offset, -abs(float(self.generator.normal()))) for token, offset, _ in found]
        logprobs = {
            "tokens": [token for token, _, _ in found],
            "text_offset": [offset for _, offset, _ in found],
            "token_logprobs": [None, *(value for _, _, value in found[1:])],
        }
        return {
            "choices": [{"text": body["prompt"], "logprobs": logprobs}],
            "usage": {"prompt_tokens": len(found), "completion_tokens": 0},
        }


@contextmanager
def serving(served: Served) -> Iterator[str]:
    """The server's url while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = served.reply(self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
