"""What a gateway needs of a ledger: to record. The ledger of ``stillwatch.sharing`` is one; a test may pass a list in disguise."""

import importlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from stillwatch.errors import UsageError


class Recorder(Protocol):
    """Whatever keeps records."""

    def append(self, kind: str, subject: str, details: Mapping[str, Any], actor: str, now: datetime) -> object:
        """Record durably that ``actor`` did ``kind`` to ``subject``, or raise and record nothing."""
        ...


def named(place: str) -> Any:
    """The object that ``module:name`` names (settings ``recorder`` and ``marker``). Raises UsageError if there is none."""
    module, _, name = place.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"{place!r} names nothing: {error}", place="gateway.toml", cure="write it as module:name") from error
    return found
