"""One run of the laboratory: teach every student, try each with the product's tests, and put the figures together.

Students are independent of one another and are taught in worker processes, one thread each; so are null distributions and curves.
Everything follows from seeds, so a run that broke off takes the models that it finds in ``out/models`` and adds the CPU time that is
noted beside them; after a change of what is taught, give it another folder.
"""

import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import torch

from benchmarks.forensics.accounts import CodeNull, CodePower, Named, by_code, by_twins, code_power, null_codes
from benchmarks.forensics.cast import FEW_ACCOUNTS, FULL, QUICK, SECRET, Scale, Served, World, cohort_name
from benchmarks.forensics.failures import Failure, closed_set, naive_t_test, repeated_watermark
from benchmarks.forensics.network import Network, answers, load, save
from benchmarks.forensics.null import TESTS, Null, null
from benchmarks.forensics.planning import Planning, both
from benchmarks.forensics.power import Power, power_curve
from benchmarks.forensics.students import (
    EVERYBODY,
    GREEN,
    NARROW_SCALE,
    PLANNING,
    SCALE,
    SCHEMES,
    STUDENTS,
    campaign_accounts,
    training_accounts,
)
from benchmarks.forensics.trial import Measured, Reading, read, try_twins, try_watermark
from benchmarks.forensics.vocabulary import encode
from stillwatch.forensics.verdict import Verdict, verdict
from stillwatch.forensics.watermark.keys import tier_key

_CURVES = ("all", "quarter", "twentieth", "paraphrased", "washed", "two teachers", "second generation")
_SOME = "some accounts"
_ALIKE = "another draw"
"""The innocent student that is most like a guilty one."""
_ALSO_PLANNING = "twentieth"
"""It has read everything three times too."""


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
    codes: list[CodePower]
    null_codes: CodeNull
    cpu_seconds_by_student: dict[str, float]
    cpu_seconds: float
    wall_seconds: float
    students: list[Tried]
    accounts: list[Named]
    power: list[Power]
    nulls: list[Null]
    failures: list[Failure]
    planning: list[Planning]
    scale_series: list[list[Tried]]


class _Taught(NamedTuple):
    """``cpu_seconds`` that teaching and reading took, ``earlier_seconds`` of them in a run that broke off."""

    name: str
    reading: Reading
    cpu_seconds: float
    earlier_seconds: float


def run(out: Path, *, quick: bool, workers: int, say: Callable[[str], None]) -> Figures:
    """Run everything; models go to ``out/models``."""
    began = time.perf_counter()
    torch.set_num_threads(1)
    scale = QUICK if quick else FULL
    models = out / "models"
    models.mkdir(parents=True, exist_ok=True)
    world, earlier = _world(scale, models)
    say("base and teachers are trained")
    served = {scheme: world.serve(scheme) for scheme in SCHEMES}
    say("the accounts are served")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        codes = pool.submit(_codes, replace(world, scale=FEW_ACCOUNTS if not quick else scale), models)
        taught = {each.name: each for each in _taught(pool, world, served, models, say)}
        innocent = {name: taught[name].reading for name in _innocents(scale)}
        curves = [pool.submit(power_curve, name, taught[name].reading, GREEN) for name in _CURVES]
        draws = 200 if quick else 2_000
        nulls = [pool.submit(null, test, list(innocent.values()), GREEN, draws) for test in TESTS]
        ours = served[GREEN].only(campaign_accounts(world))
        code_null = pool.submit(null_codes, world, innocent[_ALIKE], ours, GREEN, draws // 2)
        everyone, mine = served[GREEN], training_accounts(world)
        some = taught[_SOME].reading
        tried = {name: _tried(name, each.reading, served[EVERYBODY[name].scheme], world) for name, each in taught.items()}
        networks = {name: load(models / f"{name}.pt") for name in innocent}
        return Figures(
            scale=msgspec.to_builtins(scale),
            pairs=scale.pairs,
            cpu_seconds_by_student={name: round(each.cpu_seconds, 1) for name, each in taught.items()},
            students=[tried[name] for name in STUDENTS],
            accounts=[by_twins(some, everyone, mine), by_code(some, everyone, mine, GREEN)],
            codes=codes.result(),
            null_codes=code_null.result(),
            failures=_failures(world, innocent, networks, ours),
            planning=both(_by_share(tried), scale.pairs, list(innocent.values())),
            scale_series=[[tried[name] for name in series] for series in (SCALE, NARROW_SCALE)],
            power=[curve for job in curves for curve in job.result()],
            nulls=[job.result() for job in nulls],
            wall_seconds=round(time.perf_counter() - began, 1),
            cpu_seconds=round(_cpu_seconds(pool) + earlier + sum(each.earlier_seconds for each in taught.values()), 1),
        )


def _world(scale: Scale, models: Path) -> tuple[World, float]:
    """Base and teachers, trained now or kept, with the seconds that they took in a run that broke off."""
    paths, note = [models / f"{name}.pt" for name in ("base", "teacher", "other teacher")], models / "world.seconds"
    if note.exists():
        return World(scale, *map(load, paths)), float(note.read_text())
    began = time.process_time()
    world = World.made(scale)
    for network, path in zip((world.base, world.teacher, world.other_teacher), paths, strict=True):
        save(network, path)
    note.write_text(f"{time.process_time() - began:.1f}")
    return world, 0.0


def _innocents(scale: Scale) -> list[str]:
    return [name for name, student in STUDENTS.items() if student.guilt == "innocent"][: scale.innocents]


def _cpu_seconds(pool: ProcessPoolExecutor) -> float:
    """Of this process and its workers, which end here."""
    pool.shutdown()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _taught(
    pool: ProcessPoolExecutor, world: World, served: Mapping[object, Served], models: Path, say: Callable[[str], None]
) -> Iterator[_Taught]:
    """Every student, as it is ready."""
    jobs = [pool.submit(_teach, name, world, served[student.scheme], models) for name, student in EVERYBODY.items()]
    for job in as_completed(jobs):
        found = job.result()
        say(f"{found.name}: taught and read in {found.cpu_seconds:.0f} CPU-seconds")
        yield found


def _teach(name: str, world: World, served: Served, models: Path) -> _Taught:
    """Teach a student and read it; one that was taught already is only read."""
    began = time.process_time()
    student = EVERYBODY[name]
    model, note = models / f"{name}.pt", models / f"{name}.seconds"
    earlier = float(note.read_text()) if note.exists() else 0.0
    if not note.exists():
        save(student.taught(world, served), model)
        note.write_text(f"{time.process_time() - began:.1f}")
    scope = served if name == _SOME else served.only(campaign_accounts(world))
    reading = read(world, load(model), scope, student.scheme)
    return _Taught(name, reading, time.process_time() - began + earlier, earlier)


def _codes(world: World, models: Path) -> list[CodePower]:
    """A student of some of few accounts, each of which asked much."""
    served, mine = world.serve(GREEN), training_accounts(world)
    student = STUDENTS[_SOME].taught(world, served)
    save(student, models / "some of few accounts.pt")
    return code_power(read(world, student, served, GREEN), served, mine, GREEN)


def _by_share(tried: Mapping[str, Tried]) -> dict[str, list[tuple[float, float]]]:
    """(share, z) of the students of whom the planning model is measured, by mechanism."""
    group = [tried[name] for name in (_ALSO_PLANNING, *PLANNING)]
    return {
        test: sorted((each.share, round(one.z, 2)) for each in group for one in each.tests if one.test == test)
        for test in ("twins-logprob", "twins-text")
    }


def _tried(name: str, reading: Reading, served: Served, world: World) -> Tried:
    student = EVERYBODY[name]
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
