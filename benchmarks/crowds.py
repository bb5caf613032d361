"""Pools that hide in an innocent crowd of their own kind, and crowds without one that look dealt out.

    STILLWATCH_SHARED=../shared python benchmarks/crowds.py [--seeds 1] [--only harness]

A week of 900 people and a crowd: *batch files* (a pool that hands in shards of one list as batch files, beside firms with their own
files), *harness* (a pool under the prompts of an evaluation harness, beside its honest users), *framework* (a pool under the system
prompt of an agent framework, beside hundreds of firms that use it), *class* (students to whom a teacher dealt items out), *desks*
(firms of one trade with one vendor's tool and customers around the clock). Needs the open data (``real_world.py``). Prints a line
per crowd: pool found, accounts recalled, innocent accounts in reports, false campaigns.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import real_world
from detection import measured
from real_world import DAY, FILLINGS, ORGANIC, World, prompts, recorded, templates

from stillwatch.campaigns.evaluation import Evaluation

FRAMEWORK = (
    "You are a part of the Trellis agent framework. You get the state of a plan as text. Choose one of the permitted moves, write it as "
    "MOVE: name(arguments), then one line of REASON. Write nothing outside a move. If the state is inconsistent, choose halt."
)
EXERCISE = "Exercise 3: judge the item below as the sheet asks, with two strengths and two weaknesses.\n\nItem:\n"
ROUTING = "Say which department should see the guest's message, and draft one polite line.\nMessage: "
CODING = "Assign the record to a heading of the price list and give its code only.\nRecord: "
HARDER = "Make the task below harder by one more condition, and keep it solvable.\n\nTask:\n"


def mixed(world: World, names: Iterable[str]) -> list[str]:
    """The texts of some sets in an order of chance."""
    texts = [text for name in names for text in prompts(name)]
    return [texts[i] for i in world.rng.permutation(len(texts))]


def account(world: World, kind: str, campaign: str | None = None, **known: object) -> str:
    """An account with a payment instrument and a device of its own."""
    number = len(world.labels)
    opened = (real_world.START - int(world.rng.integers(1, 700)) * DAY) * 1_000_000
    own = {"payment_fingerprint": f"pay-{number}", "device_id": f"device-{number}", "created_at": opened}
    return world.account(kind, campaign, **(own | known))


def send(world: World, name: str, times: np.ndarray, texts: Iterable[str], system: str | None = None, **columns: object) -> None:
    """One request of account ``name`` for each text."""
    usual = {"n_messages": 1, "temperature": 0.7, "max_output_tokens": 2048, "stream": False}
    for at, text in zip(np.clip(times, 0, world.days * DAY - 1), texts, strict=False):
        world.request(name, at, text, system, **(usual | columns), input_tokens=len(text) // 4)


def batch_files(world: World) -> None:
    """A pool of 40 that each hand in three files; 80 firms with files of their own records."""
    fillings = mixed(world, FILLINGS)
    records = [prompts(name) for name in ORGANIC]
    for i in range(40):
        files = np.sort(world.rng.uniform(0, world.days * DAY, 3)).repeat(50)
        texts = [HARDER + text for text in fillings[150 * i : 150 * (i + 1)]]
        send(world, account(world, "pool", "pool"), files, texts, operation="batch", user_agent="batch-cli/1", output_tokens=600)
    for i in range(80):
        own, count = records[i % len(records)], world.volume(120, 1.2)
        files = np.sort(world.rng.choice(world.rng.uniform(0, world.days * DAY, 3), count))
        texts = [CODING + own[(37 * i + k) % len(own)] for k in range(count)]
        name = account(world, "look-alike:batch files")
        send(world, name, files, texts, operation="batch", user_agent="batch-cli/1", output_tokens=20)


def harness(world: World) -> None:
    """A pool of 60 at a queue under a harness's prompts; 80 honest users go through its questions."""
    found, fillings = templates("lm-eval"), mixed(world, FILLINGS)
    for i in range(60):
        name = account(world, "pool", "pool")
        times = np.sort(world.rng.uniform(0, world.days * DAY, 80))
        for k in range(80):
            part = found[world.rng.integers(len(found))]
            text = part.before + fillings[(80 * i + k) % len(fillings)] + part.after
            world.request(
                name, times[k], text, part.system, **(part.columns | {"output_tokens": int(world.rng.lognormal(6.2, 0.6))})
            )
    questions = recorded("lm-eval")
    for _ in range(80):
        name, first = account(world, "look-alike:harness"), int(world.rng.integers(len(questions)))
        for k, at in enumerate(world.human_times(min(len(questions), world.volume(120, 0.8)))):
            asked = questions[(first + k) % len(questions)]
            world.request(name, at, asked.prompt, asked.system, **asked.columns)


def framework(world: World) -> None:
    """A pool of 70 with bare tasks under a framework's system prompt; 300 firms with matters of their own under it."""
    same = {"user_agent": "trellis/0.9", "temperature": 0.0, "tools": 5, "n_messages": 2}
    fillings, matters = mixed(world, ("glaive_toolcall", "gpteacher_codegen")), [prompts(name) for name in ORGANIC]
    for i in range(70):
        times = np.sort(world.rng.uniform(0, world.days * DAY, 60))
        texts = fillings[60 * i : 60 * (i + 1)]
        send(world, account(world, "pool", "pool"), times, texts, FRAMEWORK, **same, output_tokens=500)
    for i in range(300):
        own, first = matters[i % len(matters)], int(world.rng.integers(1000))
        times = world.human_times(world.volume(60, 1.2))
        texts = [f"STATE: {own[(first + k // 3) % len(own)]} step {k % 3}" for k in range(len(times))]
        send(world, account(world, "look-alike:framework"), times, texts, FRAMEWORK, **same, output_tokens=90)


def students(world: World) -> None:
    """120 students with keys of their own; a teacher dealt out other items to each; they sit down for it one to three times."""
    items = mixed(world, FILLINGS)
    for i in range(120):
        opened = (real_world.START - int(world.rng.integers(3, 6)) * DAY) * 1_000_000
        name, count = account(world, "look-alike:class", created_at=opened), min(60, world.volume(25, 0.6))
        days = world.rng.integers(2, 5, int(world.rng.integers(1, 4)))
        times = world.rng.choice(days * DAY + world.rng.uniform(9, 23, len(days)) * 3600, count) + world.rng.exponential(900, count)
        texts = [EXERCISE + text for text in items[60 * i : 60 * i + count]]
        send(world, name, np.sort(times), texts, user_agent="notebook/7", ip=f"192.0.2.{i % 3}", output_tokens=400)


def desks(world: World) -> None:
    """60 firms whose customers write from six in the morning to midnight, each message once."""
    messages = mixed(world, ("sgd_user_turns", "hh_rlhf_harmless_test", "bfcl_v4"))
    for _ in range(60):
        count = min(300, world.volume(60, 1.0), len(messages))
        own, messages = messages[:count], messages[count:]
        times = world.rng.integers(0, world.days, count) * DAY + (6 + 18 * world.rng.beta(2, 2, count)) * 3600
        texts = [ROUTING + text for text in own]
        send(world, account(world, "look-alike:desk"), np.sort(times), texts, user_agent="frontdesk/3", output_tokens=50)


CROWDS: dict[str, Callable[[World], None]] = {
    "batch files": batch_files,
    "harness": harness,
    "framework": framework,
    "class": students,
    "desks": desks,
}


def measure(add: Callable[[World], None], seed: int) -> Evaluation:
    """Scan one world with the crowd that ``add`` puts into it."""
    world = World(seed)
    real_world.add_people(world, 900)
    add(world)
    with tempfile.TemporaryDirectory() as folder:
        return measured(world.write(Path(folder) / "world"), Path(folder))


def line(title: str, evaluations: list[Evaluation]) -> str:
    """One line of the table over worlds of one crowd."""
    pools = [entry for evaluation in evaluations for entry in evaluation.campaigns]
    found = f"{sum(entry.found for entry in pools)}/{len(pools)}" if pools else "no pool"
    recall = f"{sum(e.reported_accounts for e in pools) / sum(e.accounts for e in pools):.3f}" if pools else ""
    innocent = sum(kind.reported_accounts for evaluation in evaluations for kind in evaluation.kinds if not kind.hostile)
    return f"| {title} | {found} | {recall} | {innocent} | {sum(len(evaluation.false) for evaluation in evaluations)} |"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="", help="crowds whose name holds this")
    options = parser.parse_args()
    print("| crowd | found | account recall | innocent accounts reported | false campaigns |\n|---|---|---|---|---|", flush=True)
    for title, add in CROWDS.items():
        if options.only in title:
            print(line(title, [measure(add, 40 + seed) for seed in range(options.seeds)]), flush=True)


if __name__ == "__main__":
    main()
