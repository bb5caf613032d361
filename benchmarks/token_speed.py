"""Tokens of a list of identifiers beside the set-up message of openmined-psi over the same list, in one run.

Both start from the same synthetic e-mail addresses. openmined-psi gets them as a list in memory and works on one core, as it
does; Stillwatch reads them from a file, brings them into canonical form, and writes the tokens to a file, over ``--processes``. The
key holder works without blinding; the member blinds, and the holder of the key answers with proofs in the same processes, so
that line is the work of both sides together.

python benchmarks/token_speed.py --identifiers 1000000 --processes 2
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from private_set_intersection.python import DataStructure, server

from stillwatch.sharing.tokens.canonical import canonical
from stillwatch.sharing.tokens.epoch import epoch_key
from stillwatch.sharing.tokens.evaluator import LocalEvaluator
from stillwatch.sharing.tokens.oprf import blind, blind_evaluate, finalize
from stillwatch.sharing.tokens.proof import prove, verifies
from stillwatch.sharing.tokens.suite import Mode
from stillwatch.sharing.tokens.token_file import tokenise_file
from stillwatch.sharing.tokens.tokeniser import Holder, KeyTokeniser, MemberTokeniser

EPOCH = "2026-q4"
FALSE_POSITIVES = 1e-9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identifiers", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    key = epoch_key(bytes(32), EPOCH)
    addresses = [f"synthetic.{number}@example.com" for number in range(asked.identifiers)]
    member = MemberTokeniser(EPOCH, "member-a", (Holder(LocalEvaluator({EPOCH: key}), key.public),))
    print(f"{asked.identifiers:,} identifiers                       wall s   CPU s   a second")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "list.csv"
        source.write_text("".join(f"email,{address}\n" for address in addresses))
        baseline = measured("openmined-psi, set-up, 1 process", len(addresses), lambda: set_up(addresses))
        for name, tokeniser in (("key holder", KeyTokeniser(EPOCH, key)), ("member and holder", member)):
            work = measured(
                f"{name}, {asked.processes} processes",
                len(addresses),
                lambda tokeniser=tokeniser, name=name: tokenise_file(
                    source, Path(folder) / name, tokeniser, processes=asked.processes
                ),
            )
            print(f"    {work / baseline:.2f} times the wall time of openmined-psi's set-up")
    steps(addresses[:4096])


def set_up(addresses: list[str]) -> None:
    """What a server of openmined-psi does over its own list."""
    server.CreateWithNewKey(True).CreateSetupMessage(FALSE_POSITIVES, len(addresses), addresses, DataStructure.GCS)


def measured(name: str, count: int, work: Callable[[], object]) -> float:
    """Do the work, print its times, and give back the seconds it took."""
    cpu, start = cpu_seconds(), time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(f"{name:38} {seconds:8.1f} {cpu_seconds() - cpu:7.1f} {count / seconds:10,.0f}")
    return seconds


def cpu_seconds() -> float:
    """CPU seconds of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def steps(addresses: list[str]) -> None:
    """Print what each step of one batch costs on one core."""
    key = epoch_key(bytes(32), EPOCH)
    forms = [canonical("email", address) for address in addresses]
    blinding = blind(forms, Mode.VOPRF)
    answered = blind_evaluate(key, blinding.elements)
    proof = prove(key, blinding.elements, answered)
    print(f"one batch of {len(forms):,}, one core           µs each")
    for name, step in {
        "canonical form": lambda: [canonical("email", address) for address in addresses],
        "member: blind": lambda: blind(forms, Mode.VOPRF),
        "holder: evaluate": lambda: blind_evaluate(key, blinding.elements),
        "holder: prove": lambda: prove(key, blinding.elements, answered),
        "member: check the proof": lambda: verifies(proof, key.public, blinding.elements, answered),
        "member: finalise": lambda: finalize(blinding, answered),
        "key holder: all": lambda: KeyTokeniser(EPOCH, key).values(forms),
    }.items():
        start = time.process_time()
        step()
        print(f"{name:38} {(time.process_time() - start) / len(forms) * 1e6:8.1f}")


if __name__ == "__main__":
    main()
