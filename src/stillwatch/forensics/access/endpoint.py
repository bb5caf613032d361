"""An end point: where a model is and how it is asked. It stands in the plan, so it holds no secret: a key is named, not given.

>>> Endpoint("example-1", url="http://localhost:8000/v1").is_local
True
>>> Endpoint("example-1")
Traceback (most recent call last):
...
stillwatch.errors.UsageError: example-1: a model needs one of: url, weights, answers
  to mend it: say where it is
"""

import ipaddress
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from stillwatch.errors import UsageError

Kind = Literal["chat", "completions"]


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A model, by exactly one of: ``url`` (OpenAI-compatible, up to ``/v1``), ``weights`` (a folder), ``answers`` (recorded ones).

    ``kind``: ask by chat or by plain completion, the latter with ``template`` around the prompt, which also precedes an answer that
    is scored. ``key_env`` names the environment variable that holds the key. Prices are per million tokens, in any one currency.
    """

    model: str
    url: str = ""
    weights: str = ""
    answers: str = ""
    kind: Kind = "chat"
    template: str = "{prompt}\n"
    key_env: str = ""
    temperature: float = 0.7
    max_output_tokens: int = 512
    timeout_seconds: float = 60.0
    parallel: int = 4
    price_input: float = 0.0
    price_output: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be asked, and addresses that carry a secret."""
        if sum(map(bool, (self.url, self.weights, self.answers))) != 1:
            raise UsageError("a model needs one of: url, weights, answers", place=self.model, cure="say where it is")
        if "{prompt}" not in self.template:
            raise UsageError("the template has no {prompt}", place=self.model, cure='for example "{prompt}\\n"')
        if self.url:
            self._check_url()
        if (
            min(self.max_output_tokens, self.parallel) < 1
            or self.timeout_seconds <= 0
            or min(self.price_input, self.price_output) < 0
        ):
            raise UsageError("a limit or price is not positive", place=self.model, cure="give positive numbers")

    @property
    def is_local(self) -> bool:
        """Whether what is sent stays on this machine."""
        if not self.url:
            return True
        host = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def prefix(self, prompt: str) -> str:
        """What comes before the answer where prompt and answer are one text."""
        return self.template.replace("{prompt}", prompt)

    def _check_url(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("the url is no http address", place=self.model, cure="for example http://localhost:8000/v1")
        if parts.username or parts.password or parts.query:
            raise UsageError(
                "the url may carry a secret", place=self.model, cure="put the key into a variable and name it with key_env"
            )
