"""Import against stix2.parse: synthetic campaigns as `share` writes them, the same objects, in one run, one thread.

    python benchmarks/import_speed.py [--campaigns 60] [--relationships 100000]

Import is everything that `feed import` does to an object before it is stored: reading with all checks, the signature, the guard; once
with the bundle's stamp, as `share` writes it, and once with each object's own signature verified, as after a stamp is lost.
``stix2.parse`` only parses (strictly, ``allow_custom=False``). Also prints typed decoding alone, and what a bundle of very many
relationships costs in time and memory. All figures are CPU time, so that other work on the machine counts for little.
"""

import argparse
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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.sharing.feed.arrival import Arrival, Border, believe
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.release.stamp import stamp, stamped_by
from stillwatch.sharing.signatures.keyring import KeyRing, member_key
from stillwatch.sharing.signatures.keys import generate
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.signatures.verification import Refused, Valid
from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, IdentifierToken, ScaffoldSamples, TechniqueUse
from stillwatch.sharing.stix.objects import Identity, as_json, decode
from stillwatch.sharing.stix.received import read_bundle
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of

NOW = datetime.now(UTC).replace(microsecond=0)


def disclosure(number: int, rng: random.Random) -> Disclosure:
    """A synthetic campaign of usual size: eight scaffolds, twenty tokens, three techniques."""

    def sample() -> str:
        return f"{rng.getrandbits(64):016x}"

    def token() -> str:
        return "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", k=42)) + rng.choice("AEIMQU")

    first = NOW - timedelta(days=rng.randint(10, 60))
    return Disclosure(
        campaign=f"campaign--{uuid.UUID(int=rng.getrandbits(128), version=5)}",
        first_seen=first,
        last_seen=first + timedelta(days=rng.randint(1, 9)),
        figures=CampaignFigures(
            accounts=10 ** rng.randint(1, 3),
            requests=10 ** rng.randint(3, 6),
            severity="high",
            techniques=tuple(TechniqueUse(f"SW-T0{i}", 0.5) for i in rng.sample(range(1, 9), 3)),
        ),
        scaffolds=tuple(
            ScaffoldSamples(version=1, samples=tuple(sorted(sample() for _ in range(12))), share=0.5, accounts=100)
            for _ in range(8)
        ),
        tokens=tuple(IdentifierToken(kind="payment-fingerprint", epoch="2026-q4", token=token()) for _ in range(20)),
    )


def signed_objects(campaigns: int, guard: Guard) -> tuple[list[dict[str, Any]], KeyRing, Ed25519PrivateKey]:
    """The objects of many disclosures as they leave: past the guard and signed."""
    rng, key = random.Random(0), generate()
    since = NOW - timedelta(days=90)
    member = Identity(
        id=f"identity--{uuid.uuid4()}",
        spec_version="2.1",
        created=since,
        modified=since,
        name="Synthetic",
        identity_class="organization",
    )
    terms = Terms(member, TLP.AMBER, NOW)
    told = {thing.id: as_json(thing) for number in range(campaigns) for thing in objects_of(disclosure(number, rng), terms)}
    rulings = [guard.examine(thing) for name, thing in told.items() if name not in constants()]
    ring = KeyRing((member_key(member.id, key.public_key(), since, NOW + timedelta(days=90)),))
    return [sign(ruling.object, key) for ruling in rulings if ruling.object], ring, key


def taken(data: bytes, ring: KeyRing, guard: Guard, stamper: Valid | None) -> int:
    """Import without the store: how many objects are taken."""
    border, arrival = Border(ring, guard), Arrival("synthetic", "")
    believed = list(believe(read_bundle(data, NOW).accepted, arrival, border, NOW, stamper))
    rulings = guard.examine_bundle(value for _, _, value in believed)
    return sum(ruling.verdict == "released" for ruling in rulings)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _holding(verdict: Valid | Refused) -> Valid:
    assert isinstance(verdict, Valid)
    return verdict


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=60, help="campaigns in the bundle")
    parser.add_argument("--relationships", type=int, default=100_000, help="relationships in the second bundle")
    options = parser.parse_args()
    guard = Guard("member-standard")
    objects, ring, key = signed_objects(options.campaigns, guard)
    data, texts = encoded(assembled(objects)), [msgspec.json.encode(thing) for thing in objects]
    sealed = stamp(data, ring.keys[0].member, key)
    taken(data, ring, guard, None)
    parsing, _ = timed(lambda: [stix2.parse(text.decode(), allow_custom=False) for text in texts])
    stamped, first = timed(lambda: taken(data, ring, guard, _holding(stamped_by(data, sealed, ring, NOW))))
    single, second = timed(lambda: taken(data, ring, guard, None))
    decoding, _ = timed(lambda: [decode(text) for text in texts])
    assert first == second == len(objects), "every object that left is taken as it left"
    print(f"{len(objects)} signed objects of {len(data) / len(objects):.0f} bytes: {_kinds(objects)}")
    for name, seconds in (
        ("stix2.parse", parsing),
        ("import, stamped", stamped),
        ("import, each", single),
        ("typed decoding", decoding),
    ):
        print(f"  {name:16} {len(objects) / seconds:10,.0f} objects a CPU-second, {parsing / seconds:5.1f} times stix2.parse")
    large = encoded({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": list(many_relationships(options.relationships))})
    reading, result = timed(lambda: read_bundle(large, NOW))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(result.accepted)} relationships, {len(large) / 2**20:.0f} MiB: read in {reading:.1f} s; peak of the process {peak:.0f} MiB"
    )


if __name__ == "__main__":
    main()
