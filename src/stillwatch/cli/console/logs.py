"""The provider's own request logs, as the console asks for them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.cli.logs import batches, taken_in

_COLUMNS = ("request_id", "account_id", "ts", "model", "system_prompt", "prompt")


class RequestLogs:
    """Request logs by their paths, read anew at every look."""

    def __init__(self, paths: Collection[str]) -> None:
        self._paths = list(paths)

    def requests_of(self, accounts: Collection[str], most: int, now: datetime) -> list[Mapping[str, Any]]:
        """The first requests of these accounts, at most ``most``. Raises NoReadableInput."""
        wanted, found = pa.array(list(accounts)), list[Mapping[str, Any]]()
        with taken_in(self._paths, "auto", None, now) as intake:
            for batch in batches(intake, _COLUMNS):
                found += batch.filter(pc.is_in(batch["account_id"], wanted)).slice(0, most - len(found)).to_pylist()
                if len(found) >= most:
                    break
        return found
