"""Opening: from an end point in the plan to a model that can be asked.

Rules: a key is read from the environment at this moment, from the variable that the plan names, and is nowhere else.

>>> key_of(Endpoint("example-1", url="http://localhost:8000/v1"), {})
''
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from stillwatch.errors import UsageError
from stillwatch.forensics.access.budget import Budget
from stillwatch.forensics.access.cache import Cache
from stillwatch.forensics.access.calls import Calls
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.outcome import Model
from stillwatch.forensics.access.recorded_model import one_recorded
from stillwatch.forensics.access.served_model import ServedModel
from stillwatch.forensics.access.weights_model import WeightsModel


@dataclass(frozen=True)
class Means:
    """With what models are asked: where answers are kept, what may be spent, how to wait, the environment that holds keys."""

    cache: Cache
    budget: Budget
    pause: Callable[[float], None]
    environment: Mapping[str, str]
    transport: httpx.BaseTransport | None = None


@contextmanager
def opened(endpoint: Endpoint, means: Means) -> Iterator[Model]:
    """The model, while the block runs. Raises UsageError if its key is not set, NoReadableInput if its file cannot be read."""
    if endpoint.answers:
        yield one_recorded(Path(endpoint.answers), endpoint.model)
    elif endpoint.weights:
        yield WeightsModel(endpoint)
    else:
        with served(endpoint, means) as model:
            yield model


@contextmanager
def served(endpoint: Endpoint, means: Means) -> Iterator[ServedModel]:
    """A model behind a url, while the block runs; its connections are closed afterwards."""
    key = key_of(endpoint, means.environment)
    calls = Calls(endpoint, key=key, cache=means.cache, budget=means.budget, pause=means.pause, transport=means.transport)
    try:
        yield ServedModel(endpoint, calls)
    finally:
        calls.close()


def key_of(endpoint: Endpoint, environment: Mapping[str, str]) -> str:
    """The key, empty if the end point needs none. Raises UsageError if the variable is not set."""
    if not endpoint.key_env:
        return ""
    key = environment.get(endpoint.key_env, "").strip()
    if not key:
        raise UsageError(
            f"{endpoint.key_env} is not set", place=endpoint.model, cure=f"export {endpoint.key_env} with the key of {endpoint.url}"
        )
    return key
