"""The targets: what the laboratory is to reach, beside what it measured.

For text there are several measures, and z is the largest of their standardised sums; the threshold that chance passes once in a
thousand is then a little above 3, so p-values are what counts and z is shown because the targets are stated in it.
"""

import msgspec

from benchmarks.forensics.run import Figures

_CPU_SECONDS = 2 * 1800


class Target(msgspec.Struct, frozen=True):
    """What is ``wanted`` of a measure, what was ``measured``, and whether it was ``reached``."""

    name: str
    wanted: str
    measured: str
    reached: bool


def targets(figures: Figures) -> list[Target]:
    """All targets, in the order of the issue."""
    found = [
        _at_least(figures, "twins with log-probabilities, all served", "all", "twins-logprob", 9),
        _at_least(figures, "twins with log-probabilities, 5 % served", "twentieth", "twins-logprob", 2),
        _at_least(figures, "text only, all served", "all", "twins-text", 6),
        _at_least(figures, "text only, 30 % of tokens edited", "paraphrased", "twins-text", 3),
    ]
    found += [
        Target(
            f"null: {null.test}",
            "uniform, error rates hold",
            f"KS p = {null.uniform_p:.3f}, {_rates(null.false_positives)}",
            null.holds,
        )
        for null in figures.nulls
    ]
    found += [
        Target(
            f"accounts by {named.mechanism}",
            f"all {named.read}, none of {named.accounts - named.read} others",
            f"{named.found} found, {named.false} false",
            named.found == named.read and not named.false,
        )
        for named in figures.accounts[:1]
    ]
    largest = figures.codes[-1]
    found.append(
        Target(
            f"accounts by their codes in text, {largest.questions} questions each",
            f"all {largest.read}, no others",
            f"{largest.found} found, {largest.false} false",
            largest.found == largest.read and not largest.false,
        )
    )
    found.append(
        Target("null: account codes", "no e-value too often", f"mean {figures.null_codes.mean:.2f}", figures.null_codes.holds)
    )
    best = next(each for each in figures.students if each.student == "all")
    found.append(Target("two mechanisms combined", "E3", best.verdict.level, best.verdict.level == "E3"))
    innocent = [each for each in figures.students if each.guilt == "innocent"]
    clear = [each for each in innocent if each.verdict.level == "insufficient"]
    found.append(
        Target("innocent students", "nothing shown", f"{len(clear)} of {len(innocent)} clear", len(clear) == len(innocent))
    )
    found.append(_in_time(figures))
    return found


def _in_time(figures: Figures) -> Target:
    """By CPU time, which another's work on the machine changes least."""
    measured = f"{figures.cpu_seconds / 60:.1f} CPU-minutes, {figures.wall_seconds / 60:.1f} minutes by the clock"
    return Target("time", "under 30 minutes on two cores (60 CPU-minutes)", measured, figures.cpu_seconds < _CPU_SECONDS)


def _at_least(figures: Figures, name: str, student: str, test: str, wanted: float) -> Target:
    z = next(each.z for tried in figures.students if tried.student == student for each in tried.tests if each.test == test)
    return Target(name, f"z ≥ {wanted:g} at 1,000 pairs", f"z = {z:.1f} at {figures.pairs:,} pairs", z >= wanted)


def _rates(rates: dict[str, int]) -> str:
    return ", ".join(f"{count} at {rate}" for rate, count in rates.items())
