"""Behaviour: everything that makes one kind of account what it is, as one value. Kinds are data, not code.

Defaults describe an ordinary customer; a kind names what is different about it.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Client:
    """A client library: its user agent and TLS fingerprint (synthetic), and the sampling settings that it sends."""

    user_agent: str
    fingerprint: str
    temperature: float | None = None
    max_output_tokens: int | None = None
    stream: bool = False


CLIENTS = (
    Client("examplekit-python/2.3", "t13d1516h2_synthetic01"),
    Client("examplekit-python/1.9", "t13d1516h2_synthetic02", 0.7, 1024),
    Client("examplekit-js/5.0", "t13d1714h2_synthetic03", stream=True),
    Client("examplekit-js/4.8", "t13d1714h2_synthetic04", 0.2, 2048, True),
    Client("async-http/3.9", "t13d1312h1_synthetic05", 0.0, 512),
    Client("plain-requests/2.31", "t13d1311h1_synthetic06", 1.0),
    Client("webchat/2026.9", "t13d1517h2_synthetic07", 0.7, 4096, True),
    Client("gatewayd/1.12", "t13d1516h1_synthetic08", None, 4096),
    Client("jvm-client/11", "t13d1412h2_synthetic09", 0.3),
    Client("go-client/1.22", "t13d1310h1_synthetic10", 0.5, 1500),
)


@dataclass(frozen=True)
class Identity:
    """How the accounts of a kind are paid for, opened and reached.

    ``payments``, ``devices``, ``patterns``: how many accounts share one (1: each has its own); ``sign_up_days``: length of the
    time in which all were opened (0: spread over two years); ``address_pool``: how many addresses serve the whole kind (0:
    each account has its own); ``one_org``: all openly in one organisation; ``referrer``, ``authorisation``: as in the contract.
    """

    payments: int = 1
    devices: int = 1
    patterns: int = 1
    sign_up_days: float = 0
    address_pool: int = 0
    one_org: bool = False
    referrer: str | None = None
    authorisation: str | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Behaviour:
    """A kind of account.

    ``accounts``: how many in a world of 3,000; ``volume``: median requests a week and spread (sigma of its log-normal);
    ``rhythm``: *human*, *always*, *nightly*, *release* (after the model release), *class* (office hours of two days), *queue*
    (all of the kind at the same times), *before* or *after* the ban wave; ``topics``: *own*, *any* or *set* (one fixed list of
    ``set_size`` texts that every account of the kind goes through); ``systems``, ``before``, ``after``: fixed texts, one chosen per
    request (same place in ``before`` and ``after``); ``ordinary``: share of requests without them; ``follow_up``: chance that a
    request carries on a conversation; ``sentences``: mean length of the filling; ``client``: index into CLIENTS, None for each
    its own; ``delay_hours``: requests are put off by up to so long; the rest as in the requests contract.
    """

    name: str
    campaign: bool = False
    accounts: int = 1
    volume: tuple[float, float] = (14.0, 1.5)
    most: int = 4000
    rhythm: str = "human"
    topics: str = "own"
    set_size: int = 0
    systems: tuple[str, ...] = ()
    before: tuple[str, ...] = ("",)
    after: tuple[str, ...] = ("",)
    ordinary: float = 0.0
    follow_up: float = 0.5
    sentences: float = 4.0
    client: int | None = None
    temperature: float | None = None
    choices: int | None = None
    top_logprobs: int | None = None
    tools: int = 0
    reasoning: float = 0.05
    replayed_blocks: int = 0
    output: tuple[float, float] = (250.0, 1.0)
    end_users: bool = False
    operation: str = "chat"
    delay_hours: float = 0.0
    identity: Identity = field(default_factory=Identity)
