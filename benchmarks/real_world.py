"""Worlds built from open real data: recorded tools replayed over many accounts among real prompts.

The data (``../shared/data``, or the folder named by STILLWATCH_SHARED) is not part of the project. A distillation tool's recorded
requests give its scaffolds (what its requests have in common) and parameters; fillings come from open prompt sets, each
used once. Look-alikes replay recorded harnesses, agents and applications. Nothing here is used to fit the detector.
"""

import gzip
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from os.path import commonprefix
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.traffic.schema import ACCOUNTS, REQUESTS

START = 1_791_763_200
"""2026-10-12 00:00 UTC, a Monday; seconds since 1970."""
DAY = 86_400
DISTILLERS = ("distilabel", "baize-script", "evol-script", "alpaca-script", "easydistill")
FILLINGS = ("gsm8k_train", "gpteacher_codegen", "gpteacher_roleplay", "mmlu", "bbh")
ORGANIC = (
    "arena_hard_v01",
    "arena_hard_v2",
    "awesome_chatgpt_prompts",
    "hh_rlhf_harmless_test",
    "sgd_user_turns",
    "selfinstruct_user_oriented",
    "bfcl_v4",
)


def shared_data() -> Path:
    """The folder of open data."""
    return Path(os.environ.get("STILLWATCH_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"


def _lines(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def prompts(name: str) -> list[str]:
    """The texts of one prompt file."""
    return [row["text"] for row in _lines(shared_data() / "prompts" / f"{name}.jsonl.gz")]


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


@dataclass(frozen=True)
class Recorded:
    """One recorded request in canonical columns."""

    system: str | None
    prompt: str
    columns: dict = field(default_factory=dict)


def recorded(tool: str) -> list[Recorded]:
    """The chat and completion requests of one capture."""
    out = []
    for row in _lines(shared_data() / "captures" / f"{tool}.jsonl.gz"):
        body = row["body"]
        if not isinstance(body, dict) or not ({"messages", "prompt", "input"} & body.keys()) or "embeddings" in row["path"]:
            continue
        messages = body.get("messages") or (body["input"] if isinstance(body.get("input"), list) else [])
        messages = [m for m in messages if isinstance(m, dict) and "role" in m]
        system = [_text(m["content"]) for m in messages if m["role"] in ("system", "developer")]
        users = [_text(m["content"]) for m in messages if m["role"] == "user"]
        if "prompt" in body:
            users = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
        agent = {k.lower(): v for k, v in row["headers"]}.get("user-agent")
        columns = {
            "n_messages": len(messages) or 1,
            "tools": len(body.get("tools") or []),
            "temperature": body.get("temperature"),
            "top_p": body.get("top_p"),
            "n": body.get("n"),
            "max_output_tokens": body.get("max_tokens"),
            "stream": bool(body.get("stream")),
            "user_agent": agent,
            "output_tokens": (row.get("usage") or {}).get("completion_tokens"),
            "input_tokens": (row.get("usage") or {}).get("prompt_tokens"),
        }
        columns = {name: float(v) if name in ("temperature", "top_p") and v is not None else v for name, v in columns.items()}
        out.append(Recorded(system[0] if system else None, users[-1] if users else "", columns))
    return out


@dataclass(frozen=True)
class Template:
    """What a tool's requests of one stage have in common, and where the filling goes."""

    system: str | None
    before: str
    after: str
    columns: dict


def templates(tool: str) -> list[Template]:
    """The scaffolds of a recorded tool: common beginning and end of its requests that begin alike."""
    requests = recorded(tool)
    by_beginning = {length: defaultdict(list) for length in (24, 700)}
    for request in requests:
        for length, stages in by_beginning.items():
            stages[request.system, request.prompt[:length]].append(request)
    long = {key: found for key, found in by_beginning[700].items() if len({r.prompt for r in found}) >= 12}
    short = {key: found for key, found in by_beginning[24].items() if not any(k[1].startswith(key[1]) for k in long)}
    out = []
    for (system, _), requests in {**long, **short}.items():
        texts = sorted({request.prompt for request in requests})
        if len(texts) < 12:
            continue
        before = commonprefix([texts[0], texts[-1]])
        after = commonprefix([text[len(before) :][::-1] for text in texts])[::-1]
        if len(before) + len(after) >= 40:
            out.append(Template(system, before, after, requests[0].columns))
    return out


class World:
    """Requests gathered account by account; seeded."""

    def __init__(self, seed: int, days: int = 7) -> None:
        self.rng = np.random.default_rng(seed)
        self.days = days
        self.rows: list[dict] = []
        self.labels: list[dict] = []
        self.accounts: list[dict] = []

    def account(self, kind: str, campaign: str | None = None, **known: object) -> str:
        """A new account with label."""
        name = f"acct-{len(self.labels):05d}-{self.rng.integers(16**6):06x}"
        self.labels.append({"account_id": name, "campaign": campaign, "kind": kind})
        self.accounts.append({"account_id": name, **known})
        return name

    def request(self, account: str, seconds: float, prompt: str, system: str | None = None, **columns: object) -> None:
        """One request, ``seconds`` after the start of the window."""
        at = int((START + seconds) * 1e6)
        self.rows.append(
            {
                "request_id": f"req-{len(self.rows)}",
                "ts": at,
                "account_id": account,
                "model": "large-1",
                "status": 200,
                "prompt": prompt,
                "system_prompt": system,
                "operation": "chat",
                **columns,
            }
        )

    def human_times(self, count: int) -> np.ndarray:
        """Sorted seconds within the window: waking hours of one person, in sessions."""
        wake = self.rng.uniform(5, 12) * 3600
        days = self.rng.permutation(self.days)[: max(1, int(self.rng.integers(1, self.days + 1)))]
        sessions = np.array(
            [self.rng.choice(days) * DAY + wake + self.rng.beta(2, 2) * 12 * 3600 for _ in range(max(1, count // 5))]
        )
        return np.sort(np.clip(self.rng.choice(sessions, count) + self.rng.exponential(400, count), 0, self.days * DAY - 1))

    def volume(self, median: float = 14, sigma: float = 1.3, most: int = 1500) -> int:
        """A heavy-tailed number of requests."""
        return int(np.clip(self.rng.lognormal(np.log(median), sigma), 1, most))

    def write(self, folder: Path) -> Path:
        """requests.parquet, accounts.parquet and labels.parquet."""
        folder.mkdir(parents=True, exist_ok=True)
        order = np.argsort([row["ts"] for row in self.rows], kind="stable")
        table = pa.Table.from_pylist([self.rows[i] for i in order], schema=REQUESTS)
        (folder / "requests").mkdir(exist_ok=True)
        pq.write_table(table, folder / "requests" / "part-0.parquet")
        pq.write_table(pa.Table.from_pylist(self.accounts, schema=ACCOUNTS), folder / "accounts.parquet")
        labels = pa.schema([("account_id", pa.string()), ("campaign", pa.string()), ("kind", pa.string())])
        pq.write_table(pa.Table.from_pylist(self.labels, schema=labels), folder / "labels.parquet")
        return folder


AGENTS = [f"OpenAI/Python {v}" for v in ("1.40.0", "1.99.1", "2.20.0", "3.54.0")] + [
    "openai-node/5.2",
    "Python/3.11 aiohttp/3.14.5",
    "python-requests/2.32",
    "litellm/1.106.2",
    "Mozilla/5.0 (chat)",
    "axios/1.7",
]
SETTINGS = [
    {"temperature": t, "max_output_tokens": m, "stream": s}
    for t in (None, 0.0, 0.2, 0.7, 1.0)
    for m in (None, 1024, 4096)
    for s in (True, False)
]


def add_people(world: World, count: int) -> None:
    """Ordinary accounts: each takes neighbouring texts of one or two open sets (its own matters), some in conversations."""
    sets = [prompts(name) for name in ORGANIC]
    for _ in range(count):
        name = world.account("ordinary", created_at=(START - int(world.rng.integers(1, 700)) * DAY) * 1_000_000)
        agent, setting = world.rng.choice(AGENTS), SETTINGS[world.rng.integers(len(SETTINGS))]
        own = [sets[i] for i in world.rng.integers(0, len(sets), 2)]
        places = [int(world.rng.integers(len(texts))) for texts in own]
        turn = 1
        for k, at in enumerate(world.human_times(world.volume())):
            which = int(world.rng.random() < 0.25)
            text = own[which][(places[which] + k) % len(own[which])]
            turn = turn + 2 if world.rng.random() < 0.55 else 1
            world.request(
                name,
                at,
                text,
                n_messages=turn,
                user_agent=agent,
                output_tokens=int(world.rng.lognormal(5.3, 1)),
                input_tokens=len(text) // 4,
                **setting,
            )


def add_campaign(
    world: World, name: str, tool: str, accounts: int, per_account: int, *, rhythm: str = "queue", ordinary: float = 0.0
) -> None:
    """A pool that works off one queue of fillings under a recorded tool's scaffolds; ``rhythm`` queue or human."""
    scaffolds = templates(tool)
    fillings = world.rng.permutation([text for source in FILLINGS for text in prompts(source)])
    organic = [text for source in ORGANIC for text in prompts(source)]
    total = accounts * per_account
    members = [
        world.account(name, name, created_at=(START - int(world.rng.integers(3, 300)) * DAY) * 1_000_000) for _ in range(accounts)
    ]
    if rhythm == "queue":
        begin, end = np.sort(world.rng.uniform(0, world.days * DAY, 2))
        end = max(end, begin + 2 * DAY)
        times = np.sort(world.rng.uniform(begin, min(end, world.days * DAY), total))
        owners = world.rng.integers(0, accounts, total)
    else:
        times = np.concatenate([world.human_times(per_account) for _ in range(accounts)])
        owners = np.repeat(np.arange(accounts), per_account)
    for k in range(total):
        scaffold = scaffolds[world.rng.integers(len(scaffolds))]
        if world.rng.random() < ordinary:
            world.request(
                members[owners[k]],
                times[k],
                organic[world.rng.integers(len(organic))],
                n_messages=1,
                user_agent=scaffold.columns["user_agent"],
                stream=True,
            )
            continue
        text = scaffold.before + fillings[k % len(fillings)] + scaffold.after
        columns = scaffold.columns | {"output_tokens": int(world.rng.lognormal(6.2, 0.6)), "input_tokens": len(text) // 4}
        world.request(members[owners[k]], times[k], text, scaffold.system, **columns)


def add_replay(world: World, tool: str, accounts: int, *, nightly: bool = False) -> None:
    """Unrelated accounts that each run one recorded tool: a stretch of its requests at their own times."""
    requests = recorded(tool)
    for _ in range(accounts):
        name = world.account(f"look-alike:{tool}", created_at=(START - int(world.rng.integers(1, 500)) * DAY) * 1_000_000)
        count = min(len(requests), world.volume(60, 1.0))
        first = int(world.rng.integers(len(requests))) if count < len(requests) else 0
        times = (
            np.sort(2 * 3600 + world.rng.exponential(8, count).cumsum() + DAY * world.rng.integers(0, world.days))
            if nightly
            else world.human_times(count)
        )
        for k, at in enumerate(np.minimum(times, world.days * DAY - 1)):
            request = requests[(first + k) % len(requests)]
            world.request(name, at, request.prompt, request.system, **request.columns)


def add_app(world: World, accounts: int) -> None:
    """Unrelated people who bring their own key to one app with a prompt of its own (written for this test), single turn."""
    sets = [prompts(name) for name in ORGANIC]
    system = "You work inside PageMate, a browser side panel. Answer from the page text when there is one, briefly, in plain words."
    before = "Page excerpt and question of the reader follow. Keep the reader's own terms.\n\n"
    for _ in range(accounts):
        name = world.account("look-alike:app", created_at=(START - int(world.rng.integers(1, 300)) * DAY) * 1_000_000)
        own = sets[world.rng.integers(len(sets))]
        place = int(world.rng.integers(len(own)))
        for k, at in enumerate(world.human_times(world.volume(20, 1.3))):
            world.request(
                name,
                at,
                before + own[(place + k) % len(own)],
                system,
                n_messages=2,
                user_agent="PageMate/3.1",
                temperature=0.3,
                stream=True,
                output_tokens=int(world.rng.lognormal(5, 0.8)),
            )


def build(seed: int, people: int = 2500, campaign: bool = True) -> World:
    """A week with people, all look-alikes and, if asked for, two campaigns of different recorded tools."""
    world = World(seed)
    add_people(world, people)
    scale = people / 2500
    for tool, count in (
        ("lm-eval", 25),
        ("arena-hard", 25),
        ("codex", 60),
        ("aider", 60),
        ("langchain-rag", 40),
        ("litellm-proxy", 30),
    ):
        add_replay(world, tool, max(3, int(count * scale)), nightly=tool in ("lm-eval", "arena-hard"))
    add_app(world, int(200 * scale))
    if campaign:
        tools = world.rng.permutation(DISTILLERS)
        add_campaign(world, "queue", tools[0], int(200 * scale), 60)
        add_campaign(world, "low-and-slow", tools[1], int(300 * scale), 50, rhythm="human")
        add_campaign(world, "mixture", tools[2], int(100 * scale), 60, ordinary=0.7)
    return world
