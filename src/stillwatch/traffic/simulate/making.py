"""Making: one kind's accounts and requests as tables, from its behaviour and a seeded generator."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.schema import ACCOUNTS, REQUESTS, TIMESTAMP
from stillwatch.traffic.simulate.behaviour import CLIENTS, Behaviour
from stillwatch.traffic.simulate.prose import SCRIPT_SHARES, SCRIPTS, TOPICS, write

HOUR, DAY = 3600.0, 86_400.0
RELEASE_DAY, BAN_DAY = 0.35, 0.5
"""When in the window the model release and the ban wave fall, as a share of it."""
_LONGEST = 40

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """The simulated time: ``start`` in seconds since 1970 (midnight UTC) and ``days``."""

    start: int
    days: float


def make(kind: Behaviour, size: int, window: Window, prefix: str, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """``size`` accounts of a kind: the table of accounts and the table of their requests (unsorted)."""
    names = pa.array([f"acct-{value:010x}" for value in rng.integers(16**10, size=size)])
    volume = np.clip(rng.lognormal(np.log(kind.volume[0] * window.days / 7), kind.volume[1], size), 1, kind.most).astype(np.int64)
    account = np.repeat(np.arange(size), volume)
    scripts = rng.choice(SCRIPTS, size, p=SCRIPT_SHARES)
    times = _times(kind, account, volume, window, rng)
    plain = rng.random(len(account)) < kind.ordinary
    text = _texts(kind, account, scripts, plain, rng)
    client = np.full(size, kind.client) if kind.client is not None else rng.integers(0, len(CLIENTS), size)
    rows = {
        "request_id": pc.binary_join_element_wise("req", prefix, pa.array(rng.permutation(len(account))).cast(pa.string()), "-"),
        "ts": pa.array((times * 1e6).astype(np.int64), TIMESTAMP),
        "account_id": pc.take(names, pa.array(account)),
        "model": pa.array(np.where(times > window.start + RELEASE_DAY * window.days * DAY, "atlas-large-2", "atlas-large-1")),
        **text,
        **_client_columns(kind, client[account], rng),
        **_sizes(kind, text["prompt"], account, rng),
        **_addresses(kind, account, size, rng),
        "operation": pa.array([kind.operation] * len(account)),
        "status": pa.array(np.where(rng.random(len(account)) < 0.985, 200, 429)),
        "latency_ms": pa.array(rng.lognormal(7, 0.6, len(account))),
    }
    requests = pa.table({name: rows.get(name, pa.nulls(len(account), REQUESTS.field(name).type)) for name in REQUESTS.names})
    return _accounts(kind, names, window, rng), requests.cast(REQUESTS)


def _times(kind: Behaviour, account: Numbers, volume: Numbers, window: Window, rng: np.random.Generator) -> Floats:
    rows, span = len(account), window.days * DAY
    if kind.rhythm == "always":
        offset = rng.uniform(0, span, rows)
    elif kind.rhythm in ("queue", "before", "after"):
        begin, end = {"queue": (0.1, 0.95), "before": (0.0, BAN_DAY), "after": (BAN_DAY + 0.02, 1.0)}[kind.rhythm]
        offset = _running(rng.uniform(begin * span, end * span, rows), span)
    elif kind.rhythm == "nightly":
        night = rng.integers(0, max(1, round(window.days)), rows) * DAY
        offset = night + 2 * HOUR + rng.uniform(0, 2 * HOUR, rows) + (account % 5) * 900
    elif kind.rhythm == "release":
        offset = RELEASE_DAY * span + rng.gamma(2.0, 0.35 * DAY, rows) * np.minimum(1, window.days / 7)
    elif kind.rhythm == "class":
        offset = rng.integers(1, 3, rows) * DAY + 9 * HOUR + rng.beta(2, 2, rows) * 8 * HOUR
    else:
        offset = _human(account, volume, window, rng)
    if kind.delay_hours:
        offset = offset + rng.uniform(0, kind.delay_hours * HOUR, rows)
    return window.start + np.clip(offset, 0, span - 1)


def _running(offset: Floats, span: float) -> Floats:
    """The times at which a shared queue runs: pauses of two to five hours now and then, the same for all accounts."""
    pauses = np.random.default_rng(int(span)).uniform(0, span, max(2, int(span / DAY)))
    for pause in pauses:
        offset = np.where((offset > pause) & (offset < pause + 4 * HOUR), offset + 4 * HOUR, offset)
    return offset


def _human(account: Numbers, volume: Numbers, window: Window, rng: np.random.Generator) -> Floats:
    """Sessions in each account's own waking hours, on the days on which it happens to work; weekends are rarer."""
    size, rows = len(volume), len(account)
    wake, width = rng.uniform(4, 14, size) * HOUR, rng.uniform(4, 14, size) * HOUR
    sessions = np.maximum(1, volume // 6)
    owner = np.repeat(np.arange(size), sessions)
    day = np.floor(rng.beta(*rng.uniform(0.8, 2.0, (2, size))[:, owner]) * window.days)
    day = np.where((day % 7 >= 5) & (rng.random(len(owner)) < 0.6), np.maximum(day - rng.integers(1, 4, len(owner)), 0), day)
    begin = day * DAY + wake[owner] + rng.beta(1.5, 1.5, len(owner)) * width[owner]
    first = np.cumsum(sessions) - sessions
    chosen = first[account] + (rng.random(rows) * sessions[account]).astype(np.int64)
    return np.asarray(begin[chosen] + rng.exponential(600, rows))


def _texts(
    kind: Behaviour, account: Numbers, scripts: Numbers, plain: npt.NDArray[np.bool_], rng: np.random.Generator
) -> dict[str, pa.Array]:
    rows, size = len(account), len(scripts)
    sentences = np.clip(rng.gamma(2.0, kind.sentences / 2, rows).astype(np.int64) + 1, 1, _LONGEST)
    if kind.topics == "set":
        fixed = write(
            np.full(kind.set_size, max(1, int(kind.sentences))),
            rng.choice(SCRIPTS, kind.set_size, p=SCRIPT_SHARES),
            rng.integers(0, TOPICS, kind.set_size),
            rng,
        )
        fillings = pc.take(fixed, pa.array((np.arange(rows) + account * 7) % kind.set_size))
        own = write(sentences, scripts[account], rng.integers(0, TOPICS, size)[account], rng)
        fillings = pc.if_else(pa.array(plain), own, fillings)
    elif kind.topics == "any":
        fillings = write(sentences, rng.choice(SCRIPTS, rows, p=SCRIPT_SHARES), rng.integers(0, TOPICS, rows), rng)
    else:
        topics = rng.integers(0, TOPICS, (size, 3))
        which = np.minimum(rng.geometric(0.6, rows) - 1, 2)
        fillings = write(sentences, scripts[account], topics[account, which], rng)
    number = rng.integers(0, len(kind.before), rows)
    before, after = (np.array(parts)[number % len(parts)] for parts in (kind.before, kind.after))
    prompt = pc.binary_join_element_wise(pa.array(np.where(plain, "", before)), fillings, pa.array(np.where(plain, "", after)), "")
    system = pc.take(pa.array(kind.systems or (None,), pa.string()), pa.array(rng.integers(0, max(1, len(kind.systems)), rows)))
    return {"system_prompt": pc.if_else(pa.array(plain), pa.scalar(None, pa.string()), system), "prompt": prompt}


def _client_columns(kind: Behaviour, client: Numbers, rng: np.random.Generator) -> dict[str, pa.Array]:
    def of(name: str, kind_of: pa.DataType) -> pa.Array:
        return pc.take(pa.array([getattr(entry, name) for entry in CLIENTS], kind_of), pa.array(client))

    rows = len(client)
    temperature = of("temperature", pa.float64()) if kind.temperature is None else pa.array(np.full(rows, kind.temperature))
    blocks = None
    if kind.replayed_blocks:
        pool = np.array([[f"{value:032x}"] for value in range(1, kind.replayed_blocks + 1)], object)
        blocks = pa.array([list(entry) for entry in pool[rng.integers(0, len(pool), rows)]], pa.list_(pa.string()))
    columns = {
        "user_agent": of("user_agent", pa.string()),
        "client_fingerprint": of("fingerprint", pa.string()),
        "temperature": temperature,
        "max_output_tokens": of("max_output_tokens", pa.int64()),
        "stream": of("stream", pa.bool_()),
        "n": pa.array(np.full(rows, kind.choices)) if kind.choices else None,
        "top_logprobs": pa.array(np.full(rows, kind.top_logprobs)) if kind.top_logprobs else None,
        "tools": pa.array(np.full(rows, kind.tools)),
        "reasoning_requested": pa.array(rng.random(rows) < kind.reasoning),
        "reasoning_blocks": blocks,
    }
    return {name: column for name, column in columns.items() if column is not None}


def _sizes(kind: Behaviour, prompt: pa.Array, account: Numbers, rng: np.random.Generator) -> dict[str, pa.Array]:
    rows = len(account)
    turns = np.where(rng.random(rows) < kind.follow_up, 1 + 2 * rng.geometric(0.45, rows), 1)
    length = pc.binary_length(prompt).to_numpy()
    users = (
        pc.binary_join_element_wise("user", pa.array(rng.zipf(1.6, rows) % 5000).cast(pa.string()), "-") if kind.end_users else None
    )
    columns = {
        "n_messages": pa.array(turns + bool(kind.systems)),
        "input_tokens": pa.array(length // 4 * np.minimum(turns, 9)),
        "output_tokens": pa.array(np.maximum(1, rng.lognormal(np.log(kind.output[0]), kind.output[1], rows)).astype(np.int64)),
    }
    return columns | ({"end_user_id": users} if users is not None else {})


def _addresses(kind: Behaviour, account: Numbers, size: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    """One or two addresses an account; some are shared egress of hundreds (VPN, cloud); or a pool of the kind's own."""
    rows = len(account)
    if kind.identity.address_pool:
        pool = rng.integers(2**20, size=kind.identity.address_pool) + 2**30
        number = pool[rng.integers(0, len(pool), rows)]
    else:
        home = rng.integers(2**22, size=(size, 2)) + 2**31 + 2**25
        shared = rng.random(size) < 0.12
        home[shared, 0] = 2**31 + rng.integers(0, 24, shared.sum()) * 256
        number = home[account, (rng.random(rows) < 0.2).astype(int)]
    octets = [pa.array((number >> shift) & 255).cast(pa.string()) for shift in (24, 16, 8, 0)]
    return {"ip": pc.binary_join_element_wise(*octets, ".")}


def _accounts(kind: Behaviour, names: pa.Array, window: Window, rng: np.random.Generator) -> pa.Table:
    identity, size = kind.identity, len(names)
    span = identity.sign_up_days or 730
    last = window.start - 3 * DAY if kind.campaign else window.start
    opened = last - (rng.uniform(0, span, size) + (rng.uniform(0, 60) if identity.sign_up_days else 0)) * DAY
    team = rng.random(size) < 0.08
    orgs = [f"org-{value:07x}" if grouped else None for value, grouped in zip(rng.integers(16**4, size=size), team, strict=True)]
    if identity.one_org:
        orgs = [f"org-{rng.integers(16**7):07x}"] * size
    elif kind.campaign:
        orgs = [None] * size

    def shared(what: str, by: int) -> list[str]:
        family = 1 if by > 1 or kind.campaign else 0.97
        values = rng.integers(16**8, size=size // max(1, by) + 1)
        place = np.arange(size) // max(1, by)
        place = np.where(rng.random(size) < family, place, np.maximum(place - 1, 0))
        return [f"{what}-{values[i]:08x}" for i in place]

    columns = {
        "account_id": names,
        "org_id": orgs,
        "created_at": pa.array((opened * 1e6).astype(np.int64), TIMESTAMP),
        "plan": [
            identity.plan or plan for plan in rng.choice(["free", "pro", "team", "business"], size, p=[0.45, 0.35, 0.12, 0.08])
        ],
        "payment_fingerprint": shared("pay", identity.payments),
        "email_domain": rng.choice(["mail.example", "post.example", "inbox.example"], size).tolist(),
        "email_pattern": shared("pat", identity.patterns),
        "device_id": shared("dev", identity.devices),
        "verification": rng.choice(["none", "email", "phone", "business"], size, p=[0.1, 0.5, 0.3, 0.1]).tolist(),
        "referrer": [identity.referrer] * size,
        "authorisation": [identity.authorisation] * size,
        "state": ["suspended" if kind.rhythm == "before" else "active"] * size,
        "state_ts": pa.array(
            [int((window.start + BAN_DAY * window.days * DAY) * 1e6) if kind.rhythm == "before" else None] * size, TIMESTAMP
        ),
    }
    return pa.table({name: columns.get(name, pa.nulls(size, pa.string())) for name in ACCOUNTS.names}, schema=ACCOUNTS)
