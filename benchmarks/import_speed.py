"""Import against stix2.parse: synthetic campaigns as `share` writes them, the same objects, in one run, one thread.

    python benchmarks/import_speed.py [--campaigns 60] [--tokens 10] [--relationships 100000]

Two mixes of objects: what `share` writes of a campaign that `scan` found, and the same with tokens of its accounts, which are small
objects that cost stix2 least.

Import is everything that `feed import` does to an object before it is stored: reading with all checks, the signature, the guard; once
with the bundle's stamp, as `share` writes it, once with each object verified as one of its disclosure's batch, as after a stamp is
lost, and once with an Ed25519 signature for each object.
``stix2.parse`` only parses (strictly, ``allow_custom=False``). Also prints typed decoding alone, and what a bundle of very many
relationships costs in time and memory. All figures are CPU time, so that other work on the machine counts for little.
"""

import argparse
import gc
import hashlib
import random
import resource
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import stix2

from stillwatch.sharing.feed.arrival import Arrival, Border, judged
from stillwatch.sharing.feed.collector import resting
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.release.stamp import stamp
from stillwatch.sharing.signatures.keyring import KeyRing, member_key
from stillwatch.sharing.signatures.keys import generate
from stillwatch.sharing.signatures.signing import sign, sign_together
from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, IdentifierToken, ScaffoldSamples, TechniqueUse
from stillwatch.sharing.stix.objects import Identity, as_json, decode
from stillwatch.sharing.stix.received import read_bundle
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of

REPEATS = 3
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.replace(hour=0, minute=0, second=0)


def disclosure(rng: random.Random, tokens: int) -> Disclosure:
    """A synthetic campaign of usual size, as coarse as it leaves: eight scaffolds, one technique, and so many tokens."""

    def sample() -> str:
        return f"{rng.getrandbits(64):016x}"

    def token() -> str:
        return "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", k=42)) + rng.choice("AEIMQU")

    first = TODAY - timedelta(days=rng.randint(10, 60))
    return Disclosure(
        campaign=f"campaign--{uuid.UUID(int=rng.getrandbits(128), version=5)}",
        first_seen=first,
        last_seen=first + timedelta(days=rng.randint(1, 9)),
        figures=CampaignFigures(
            accounts=10 ** rng.randint(1, 3),
            requests=10 ** rng.randint(3, 6),
            severity="high",
            techniques=(TechniqueUse(f"SW-T0{rng.randint(1, 8)}", 0.5),),
        ),
        scaffolds=tuple(
            ScaffoldSamples(version=1, samples=tuple(sorted(sample() for _ in range(12))), share=1.0, accounts=100)
            for _ in range(8)
        ),
        tokens=tuple(IdentifierToken(kind="payment-fingerprint", epoch="2026-q4", token=token()) for _ in range(tokens)),
    )


class Sender:
    """A member that says things."""

    def __init__(self) -> None:
        self.key = generate()
        since = TODAY - timedelta(days=90)
        self.identity = Identity(
            id=f"identity--{uuid.uuid4()}",
            spec_version="2.1",
            created=since,
            modified=since,
            name="Synthetic",
            identity_class="organization",
        )
        self.ring = KeyRing((member_key(self.identity.id, self.key.public_key(), since, TODAY + timedelta(days=90)),))

    def objects(self, campaigns: int, tokens: int, seed: int, *, together: bool) -> list[dict[str, Any]]:
        """The signed objects of many disclosures, each disclosure signed as one batch or each object alone."""
        rng, terms, told = random.Random(seed), Terms(self.identity, TLP.AMBER, NOW), dict[str, dict[str, Any]]()
        for _ in range(campaigns):
            found = {thing.id: as_json(thing) for thing in objects_of(disclosure(rng, tokens), terms)}
            own = [thing for name, thing in found.items() if name not in constants() and name not in told]
            signed = sign_together(own, self.key) if together else [sign(thing, self.key) for thing in own]
            told.update({thing["id"]: thing for thing in signed})
        return list(told.values())


def taken(data: bytes, stamped: bytes | None, ring: KeyRing, guard: Guard) -> tuple[int, int]:
    """Import without the store: how many objects are taken as they came, and how many are not."""
    arrival = Arrival("synthetic", hashlib.sha256(data).hexdigest())
    with resting():
        rulings = [ruling for _, _, ruling in judged(data, stamped, arrival, Border(ring, guard), NOW)]
    released = sum(ruling.verdict == "released" for ruling in rulings)
    return released, len(rulings) - released + len(arrival.refused)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds and the result; the benchmark's own data are no work for the garbage collector."""
    gc.collect()
    gc.freeze()
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _kinds(objects: list[dict[str, Any]]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in Counter(thing["type"] for thing in objects).most_common())


def many_relationships(count: int) -> Iterator[dict[str, Any]]:
    """Relationships from one campaign to one technique, under different ids."""
    common = {
        "type": "relationship",
        "spec_version": "2.1",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z",
    }
    ends = {
        "relationship_type": "uses",
        "source_ref": "campaign--00000000-0000-4000-8000-000000000001",
        "target_ref": "attack-pattern--00000000-0000-4000-8000-000000000002",
    }
    for number in range(count):
        yield common | {"id": f"relationship--{uuid.UUID(int=number, version=4)}"} | ends


def measure(campaigns: int, tokens: int, guard: Guard) -> None:
    """Measure one mix of objects and print it; each run is of texts that the guard has not seen before."""
    sender = Sender()
    sets = [sender.objects(campaigns, tokens, seed, together=seed < 2 * REPEATS) for seed in range(3 * REPEATS)]
    bundles = [encoded(assembled(objects)) for objects in sets]
    texts = [msgspec.json.encode(thing).decode() for thing in sets[0]]
    taken(encoded(assembled(sender.objects(2, tokens, 3 * REPEATS, together=True))), None, sender.ring, guard)
    parsing = min(timed(lambda: sum(1 for text in texts if stix2.parse(text, allow_custom=False)))[0] for _ in range(REPEATS))
    stamped = min(imported(data, sender, guard, stamped=True) for data in bundles[:REPEATS])
    batch = min(imported(data, sender, guard, stamped=False) for data in bundles[REPEATS : 2 * REPEATS])
    single = min(imported(data, sender, guard, stamped=False) for data in bundles[2 * REPEATS :])
    decoding, _ = timed(lambda: sum(1 for text in texts if decode(text)))
    print(f"{len(texts)} signed objects of {len(bundles[0]) / len(texts):.0f} bytes: {_kinds(sets[0])}")
    for name, seconds in (
        ("stix2.parse", parsing),
        ("import, stamped", stamped),
        ("import, batches", batch),
        ("import, each", single),
        ("typed decoding", decoding),
    ):
        print(f"  {name:16} {len(texts) / seconds:10,.0f} objects a CPU-second, {parsing / seconds:5.1f} times stix2.parse")


def imported(data: bytes, sender: Sender, guard: Guard, *, stamped: bool) -> float:
    """CPU seconds to import a bundle, with or without its stamp."""
    sealed = stamp(data, sender.identity.id, sender.key) if stamped else None
    seconds, (released, refused) = timed(lambda: taken(data, sealed, sender.ring, guard))
    assert released and not refused, "everything is taken as it left"
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=60, help="campaigns in the bundle")
    parser.add_argument("--tokens", type=int, default=10, help="tokens a campaign in the second mix; the first has none")
    parser.add_argument("--relationships", type=int, default=100_000, help="relationships in the second bundle")
    options = parser.parse_args()
    guard = Guard("member-standard")
    for tokens in (0, options.tokens):
        measure(options.campaigns, tokens, guard)
    large = encoded({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": list(many_relationships(options.relationships))})
    reading, result = timed(lambda: read_bundle(large, NOW))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(result.accepted)} relationships, {len(large) / 2**20:.0f} MiB: read in {reading:.1f} s; peak of the process {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
