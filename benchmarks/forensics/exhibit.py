"""What ``stillwatch examine`` needs to be shown on the laboratory: served answers, their twins, a tokeniser and a draft of a plan.

python -m benchmarks.forensics.exhibit --lab lab --suspect all --url http://localhost:8101/v1 --out exhibit

Writes into the folder
- ``served.jsonl``: the campaign's requests as the provider's own log has them (for ``stillwatch examine record``);
- ``twins.jsonl``: the same with the withheld twin of each, drawn with the marks of its account;
- ``coins.key``, ``watermark.hex``: the secrets of the laboratory (synthetic, the same in every laboratory);
- ``tokenizer.json``: words to numbers, for the watermark;
- ``draft.toml``: the draft of a plan; ``record_key`` is filled in by hand or left out with ``records``.
"""

import argparse
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from benchmarks.forensics.cast import FULL, QUICK, SECRET, Served, World
from benchmarks.forensics.language import all_words
from benchmarks.forensics.network import LONGEST_ANSWER, load
from benchmarks.forensics.students import GREEN, campaign_accounts
from benchmarks.forensics.vocabulary import UNKNOWN, token
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import Sampler, ServedAnswer

SAMPLER = Sampler(1.0, max_output_tokens=LONGEST_ANSWER)
_FIRST = datetime(2026, 10, 1, tzinfo=UTC)

_DRAFT = """# Synthetic. Made by benchmarks.forensics.exhibit; paths are relative to this file.
name = "laboratory-{suspect}"
twins = "twins.jsonl"
{records}
mechanisms = ["twins-text", "twins-logprob"]
answers_per_prompt = 3
[suspect]
model = "{suspect}"
url = "{url}"
temperature = 0.4
max_output_tokens = {longest}
{reference}[watermark]
secret_env = "LAB_WATERMARK"
tokenizer = "tokenizer.json"
scheme = "green-list"
width = {width}
gamma = {gamma}
"""


def served_answers(served: Served) -> list[ServedAnswer]:
    """The log of what was served, a request a minute."""
    rows = zip(served.accounts, served.questions, served.served, strict=True)
    return [
        ServedAnswer(f"req-{place:05d}", _time(place), account, question, answer, "teacher", SAMPLER)
        for place, (account, question, answer) in enumerate(rows)
    ]


def pairs(served: Served) -> list[Pair]:
    """The pairs of twins with their coins."""
    return [
        Pair(each.request_id, each.account, each.prompt, each.answer, withheld, SAMPLER, coins)
        for each, withheld, coins in zip(served_answers(served), served.withheld, served.coins, strict=True)
    ]


def tokenizer_document() -> dict[str, object]:
    """The laboratory's tokens as a ``tokenizer.json`` of the package ``tokenizers``."""
    vocabulary = {"<pad>": 0, "<unk>": UNKNOWN, "\n": 2, "<end>": 3} | {word: token(word) for word in all_words()}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": r"\n|[\w']+|[^\w\s]"},
            "behavior": "Removed",
            "invert": True,
        },
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<unk>"},
    }


def draft(suspect: str, url: str, reference_url: str, record_key: str) -> str:
    """The draft of a plan."""
    records = f'records = "records.jsonl"\nrecord_key = "{record_key}"' if record_key else ""
    reference = f'[reference]\nmodel = "base"\nurl = "{reference_url}"\n' if reference_url else ""
    return _DRAFT.format(
        suspect=suspect, url=url, records=records, reference=reference, longest=LONGEST_ANSWER, width=GREEN.width, gamma=GREEN.gamma
    )


def _time(place: int) -> str:
    return (_FIRST + timedelta(minutes=place)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_lines(path: Path, values: Iterable[object]) -> None:
    path.write_bytes(msgspec.json.Encoder().encode_lines(list(values)))


def main() -> None:
    """Write the exhibit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", type=Path, default=Path("lab"), help="folder that python -m benchmarks.forensics wrote (lab)")
    parser.add_argument("--quick", action="store_true", help="the laboratory was a quick one")
    parser.add_argument("--suspect", default="all", help="name of the student to examine (all)")
    parser.add_argument("--url", default="http://localhost:8101/v1", help="where it is served")
    parser.add_argument("--reference-url", default="", help='where "base" is served, as control variate')
    parser.add_argument("--record-key", default="", help="the 64 hex digits that `examine record` printed")
    parser.add_argument("--out", type=Path, default=Path("exhibit"), help="folder to write into (exhibit)")
    chosen = parser.parse_args()
    models = [load(chosen.lab / "models" / f"{name}.pt") for name in ("base", "teacher", "other teacher")]
    world = World(QUICK if chosen.quick else FULL, *models)
    served = world.serve(GREEN).only(campaign_accounts(world))
    chosen.out.mkdir(parents=True, exist_ok=True)
    _write_lines(chosen.out / "served.jsonl", served_answers(served))
    _write_lines(chosen.out / "twins.jsonl", pairs(served))
    (chosen.out / "coins.key").write_bytes(SECRET)
    (chosen.out / "watermark.hex").write_text(SECRET.hex() + "\n")
    (chosen.out / "tokenizer.json").write_text(json.dumps(tokenizer_document(), ensure_ascii=False, indent=1))
    (chosen.out / "draft.toml").write_text(draft(chosen.suspect, chosen.url, chosen.reference_url, chosen.record_key))


if __name__ == "__main__":
    main()
