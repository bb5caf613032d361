"""One run of the laboratory: teach every student, try each with the product's tests, and put the figures together.

Students are independent of one another and are taught in worker processes, one thread each.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import torch

from benchmarks.forensics.accounts import Named, by_code, by_twins
from benchmarks.forensics.cast import FULL, QUICK, SECRET, Served, World, cohort_name
from benchmarks.forensics.failures import Failure, closed_set, naive_t_test, repeated_watermark
from benchmarks.forensics.network import Network, answers, load, save
from benchmarks.forensics.null import Null, nulls
from benchmarks.forensics.power import Power, power_curve
from benchmarks.forensics.students import GREEN, STUDENTS, campaign_accounts, training_accounts
from benchmarks.forensics.trial import Measured, Reading, read, try_twins, try_watermark
from benchmarks.forensics.vocabulary import encode
from stillwatch.forensics.verdict import Verdict, verdict
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import tier_key

_SEED = 9
_CURVES = ("all", "quarter", "twentieth", "paraphrased", "washed", "two teachers", "second generation")
_SOME = "some accounts"


class Tried(msgspec.Struct, frozen=True):
    """A student and what every test said of it."""

    student: str
    guilt: str
    told: str
    share: float
    tests: list[Measured]
    verdict: Verdict


class Figures(msgspec.Struct, frozen=True):
    """Everything that a run measured; synthetic throughout."""

    scale: dict[str, int]
    pairs: int
    cpu_seconds_by_student: dict[str, float]
    wall_seconds: float
    students: list[Tried]
    accounts: list[Named]
    power: list[Power]
    nulls: list[Null]
    failures: list[Failure]


class _Taught(NamedTuple):
    name: str
    reading: Reading
    cpu_seconds: float


def run(out: Path, *, quick: bool, workers: int, say: Callable[[str], None]) -> Figures:
    """Run everything; models go to ``out/models``."""
    began = time.perf_counter()
    torch.set_num_threads(1)
    scale = QUICK if quick else FULL
    world = World.made(scale)
    say("base and teachers are trained")
    models = out / "models"
    models.mkdir(parents=True, exist_ok=True)
    for name, network in (("base", world.base), ("teacher", world.teacher), ("other teacher", world.other_teacher)):
        save(network, models / f"{name}.pt")
    served = {scheme: world.serve(scheme) for scheme in (GREEN, Gumbel())}
    say("the accounts are served")
    taught = {each.name: each for each in _taught(world, served, models, workers, say)}
    innocents = [name for name, student in STUDENTS.items() if student.guilt == "innocent"][: scale.innocents]
    readings = {name: taught[name].reading for name in innocents}
    networks = {name: load(models / f"{name}.pt") for name in innocents}
    ours = served[GREEN].only(campaign_accounts(world))
    everyone, mine = served[GREEN], training_accounts(world)
    some = taught[_SOME].reading
    return Figures(
        scale=msgspec.to_builtins(scale),
        pairs=scale.pairs,
        cpu_seconds_by_student={name: round(each.cpu_seconds, 1) for name, each in taught.items()},
        students=[_tried(name, taught[name].reading, served[STUDENTS[name].scheme], world) for name in STUDENTS],
        accounts=[by_twins(some, everyone, mine)[0], by_code(some, everyone, mine, GREEN)],
        power=[curve for name in _CURVES for curve in power_curve(name, taught[name].reading)],
        nulls=nulls(list(readings.values()), GREEN, 200 if quick else 2_000),
        failures=_failures(world, readings, networks, ours),
        wall_seconds=round(time.perf_counter() - began, 1),
    )


def _taught(
    world: World, served: Mapping[object, Served], models: Path, workers: int, say: Callable[[str], None]
) -> Iterator[_Taught]:
    """Every student, as it is ready."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        jobs = [pool.submit(_teach, name, world, served[student.scheme], models) for name, student in STUDENTS.items()]
        for job in as_completed(jobs):
            found = job.result()
            say(f"{found.name}: taught and read in {found.cpu_seconds:.0f} CPU-seconds")
            yield found


def _teach(name: str, world: World, served: Served, models: Path) -> _Taught:
    began = time.process_time()
    student = STUDENTS[name]
    network = student.taught(world, served, _SEED)
    save(network, models / f"{name}.pt")
    scope = served if name == _SOME else served.only(campaign_accounts(world))
    return _Taught(name, read(world, network, scope, student.scheme), time.process_time() - began)


def _tried(name: str, reading: Reading, served: Served, world: World) -> Tried:
    student = STUDENTS[name]
    scope = served if name == _SOME else served.only(campaign_accounts(world))
    keys = [tier_key(SECRET, "global"), tier_key(SECRET, "cohort", cohort_name(0))]
    tests = try_twins(reading, scope) + [test for key in keys for test in try_watermark(reading, student.scheme, key)]
    return Tried(name, student.guilt, student.told, student.share, tests, verdict([test.finding for test in tests]))


def _failures(world: World, readings: Mapping[str, Reading], networks: Mapping[str, Network], ours: Served) -> list[Failure]:
    teachers = {"ours": world.teacher, "other": world.other_teacher}
    seeds = [80_000_000 + place for place in range(len(ours.questions))]
    texts = [np.array(encode(text) or [1]) for text in answers(next(iter(networks.values())), ours.questions, seeds)]
    return [
        naive_t_test(world, networks, ours),
        closed_set(readings, teachers, ours),
        repeated_watermark(texts, GREEN),
    ]
