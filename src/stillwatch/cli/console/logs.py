"""The provider's own request logs and table of accounts, as the console asks for them.

Rules: reading all logs for a campaign's clients and networks, and making tokens, takes long and may ask other holders of the key:
one at a time does it, others wait a little, and what was found stays for a while, so that a proposal says what its preview said.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.campaigns.campaign import Campaign
from stillwatch.cli.logs import batches, taken_in
from stillwatch.console.missing import not_set_up
from stillwatch.errors import StoreUnavailable, UsageError
from stillwatch.sharing.feed.identifiers import attributes, tokens_of
from stillwatch.sharing.release.membership import read_membership
from stillwatch.sharing.release.traces import COLUMNS, Traces
from stillwatch.sharing.tokens.token import Token
from stillwatch.traffic.accounts import load_accounts

_COLUMNS = ("request_id", "account_id", "ts", "model", "system_prompt", "prompt")
_PATIENCE_SECONDS = 20.0
_KEPT_SECONDS = 900.0
_KEPT = 16
_Made = TypeVar("_Made")


class RequestLogs:
    """Request logs by their paths, read anew at every look, and the table of accounts; ``config`` says how tokens are made."""

    def __init__(self, paths: Collection[str], accounts: Path | None = None, config: Path = Path("stillwatch.toml")) -> None:
        self._paths = list(paths)
        self._accounts = accounts
        self._config = config
        self._lock = threading.Lock()
        self._kept: dict[Any, tuple[float, Any]] = {}

    @property
    def makes_tokens(self) -> bool:
        """Whether there is a table of accounts, and a key that makes tokens."""
        return self._accounts is not None and read_membership(self._config).token_epoch is not None

    def requests_of(self, accounts: Collection[str], most: int, now: datetime) -> list[Mapping[str, Any]]:
        """The first requests of these accounts, at most ``most``. Raises NoReadableInput."""
        wanted, found = pa.array(list(accounts)), list[Mapping[str, Any]]()
        with taken_in(self._paths, "auto", None, now) as intake:
            for batch in batches(intake, _COLUMNS):
                found += batch.filter(pc.is_in(batch["account_id"], wanted)).slice(0, most - len(found)).to_pylist()
                if len(found) >= most:
                    break
        return found

    def traces_of(self, campaign: Campaign, now: datetime) -> Traces:
        """Clients and networks of a campaign. Raises NoReadableInput, StoreUnavailable."""

        def gathered() -> Traces:
            traces = Traces(campaign.accounts)
            with taken_in(self._paths, "auto", None, now) as intake:
                for batch in batches(intake, COLUMNS):
                    traces.add(batch)
            return traces

        return self._once(("traces", frozenset(campaign.accounts)), gathered)

    def tokens_of(self, accounts: Sequence[str]) -> list[Token]:
        """Tokens of accounts and of what they share. Raises NotSetUp, UsageError, StoreUnavailable, as the tokeniser."""
        if self._accounts is None:
            raise not_set_up("a table of accounts", "--accounts FILE")
        path, tokeniser = self._accounts, read_membership(self._config).tokeniser()
        if tokeniser is None:
            cure = "set token_seed and token_epoch in the settings, or leave the tokens out"
            raise UsageError("no key makes tokens", place=str(self._config), cure=cure)
        return self._once(("tokens", frozenset(accounts)), lambda: tokens_of(accounts, attributes(load_accounts(path)), tokeniser))

    def _once(self, key: Any, make: Callable[[], _Made]) -> _Made:
        with self._one_at_a_time():
            now = time.monotonic()
            self._kept = {name: kept for name, kept in self._kept.items() if now - kept[0] < _KEPT_SECONDS}
            if key not in self._kept:
                made = make()
                self._kept = dict([*self._kept.items(), (key, (now, made))][-_KEPT:])
            value: _Made = self._kept[key][1]
            return value

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            cure = "try again in a minute, or leave out what the logs add"
            raise StoreUnavailable("the logs are being read for somebody else", place="request logs", cure=cure)
        try:
            yield
        finally:
            self._lock.release()
