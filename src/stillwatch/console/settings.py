"""What the console looks at and where it listens.

>>> Settings(scan=Path("stillwatch-out")).origin
'http://localhost:8042'
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from stillwatch.errors import UsageError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Settings:
    """Places and addresses; what is None is not looked at.

    ``scan``: folder of a scan; ``users``: the console's own file; ``config``: the member's settings; ``requests``: request logs for
    samples of text, replays, clients and networks of a share; ``accounts``: table of accounts, for tokens and plans; ``feed``,
    ``ledger``: files in place of those of the member's settings; ``gateway``: folder; ``cases``: URL of the store of cases;
    ``hub``: URL, or its folder for its operator; ``hub_key``: file of the member's key at the hub; ``outbox``: where approved
    shares are written; ``oidc``: settings of the identity provider; ``public_url``: what browsers see in front of a proxy.
    """

    scan: Path
    users: Path = Path("stillwatch-console.sqlite")
    config: Path = Path("stillwatch.toml")
    requests: tuple[str, ...] = ()
    accounts: Path | None = None
    feed: Path | None = None
    ledger: Path | None = None
    gateway: Path | None = None
    cases: str | None = None
    hub: str | None = None
    hub_key: Path | None = None
    outbox: Path = Path("stillwatch-outbox")
    oidc: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8042
    public_url: str | None = None

    @property
    def origin(self) -> str:
        """The origin that browsers see."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"http://{'localhost' if self.host in _LOOPBACK else self.host}:{self.port}"

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the cookie. A browser sends a host's cookies to all of its ports, so the port stands in the name: whoever has
        the consoles of two members open on one host is signed in at both.

        >>> Settings(Path("out")).cookie, Settings(Path("out"), public_url="https://console.example").cookie
        ('stillwatch-console-8042', '__Host-stillwatch-console')
        """
        port = urlsplit(self.origin).port
        return ("__Host-" if self.encrypted else "") + "stillwatch-console" + (f"-{port}" if port else "")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which it answers, so that another name pointed at this address reaches nothing."""
        own = urlsplit(self.origin).hostname or ""
        return (own, *_LOOPBACK[:2], "[::1]") if self.host in _LOOPBACK else (own, self.host)

    def check(self) -> None:
        """Raise UsageError if passwords would cross a network in the clear, or the public address is none."""
        parts = urlsplit(self.origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
            raise UsageError(f"no address: {self.origin}", place="--public-url", cure="write it as https://console.example")
        if not self.encrypted and parts.hostname not in _LOOPBACK:
            cure = "put it behind a proxy that speaks TLS and name that with --public-url https://…"
            raise UsageError("passwords would cross the network in the clear", place="--host", cure=cure)
