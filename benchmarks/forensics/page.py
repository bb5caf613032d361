"""The figures as a page of Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.forensics.power import Power
from benchmarks.forensics.run import Figures, Tried
from benchmarks.forensics.targets import Target


def page(figures: Figures, reached: Sequence[Target]) -> str:
    """Everything a run measured, in tables. Students, accounts and texts are synthetic."""
    return (
        "\n".join(
            [
                *_head(figures),
                *_targets(reached),
                *_students(figures),
                *_power(figures),
                *_planning(figures),
                *_scale(figures),
                *_rest(figures),
            ]
        )
        + "\n"
    )


def _head(figures: Figures) -> Iterator[str]:
    yield "# Figures of the laboratory"
    yield ""
    yield "Written by `python -m benchmarks.forensics`. All models, accounts and texts are synthetic and tiny; what they show is that the"
    yield "tests work and keep their error rates, not how large effects are on large models."
    yield ""
    yield f"{figures.pairs:,} pairs in the campaign, {figures.scale['accounts']} accounts; {figures.cpu_seconds / 60:.1f} CPU-minutes, {figures.wall_seconds / 60:.1f} minutes by the clock."
    yield ""


def _targets(reached: Sequence[Target]) -> Iterator[str]:
    yield from ("## Targets", "")
    yield from _table(
        ("target", "wanted", "measured", "reached"),
        ((each.name, each.wanted, each.measured, "yes" if each.reached else "**no**") for each in reached),
    )


def _students(figures: Figures) -> Iterator[str]:
    yield from ("## Students", "", "z (p) of every test; the level is that of all tests together.", "")
    yield from _tried(figures.students)


def _scale(figures: Figures) -> Iterator[str]:
    yield from (
        "## More answers, each read once",
        "",
        "The pairs that are examined are among them. Marked with contexts of two tokens:",
        "",
    )
    narrow = "With contexts of one token:"
    for series, above in zip(figures.scale_series, ((), (narrow, "")), strict=True):
        yield from above
        yield from _tried(series)


def _planning(figures: Figures) -> Iterator[str]:
    yield from (
        "## The planning model",
        "",
        "z = by chance + effect · √pairs · share^fading; students that read everything three times.",
        "",
    )
    yield from _table(
        ("mechanism", "effect", "fading", "by chance", f"z at {figures.pairs:,} pairs, by share of training data"),
        (
            (
                each.mechanism,
                f"{each.effect:.3f}",
                f"{each.fading:.2f}",
                f"{each.by_chance:.2f}",
                ", ".join(f"{share:.0%}: {z:.1f}" for share, z in each.measured),
            )
            for each in figures.planning
        ),
    )


def _tried(students: Sequence[Tried]) -> Iterator[str]:
    tests = [test.test for test in students[0].tests] if students else []
    yield from _table(
        ("student", "what it read", *tests, "level"),
        (
            (
                f"{each.student} ({each.guilt})",
                each.told,
                *(f"{test.z:.1f} ({_number(test.p_value)})" for test in each.tests),
                each.verdict.level,
            )
            for each in students
        ),
    )


def _power(figures: Figures) -> Iterator[str]:
    yield from ("## Power", "", "Share of random subsets of so many pairs with z ≥ 3.09, and their mean z.", "")
    yield from _curves([each for each in figures.power if each.test.startswith("twins")], "pairs")
    yield from ("The same for the global watermark, by how many of the student's own answers are read.", "")
    yield from _curves([each for each in figures.power if each.test.startswith("watermark")], "answers")


def _curves(power: Sequence[Power], unit: str) -> Iterator[str]:
    sizes = list(power[0].share_shown) if power else []
    yield from _table(
        ("student", "test", *(f"{size} {unit}" for size in sizes)),
        (
            (each.student, each.test, *(f"{each.share_shown[size]:.0%} ({each.mean_z[size]:.1f})" for size in sizes))
            for each in power
        ),
    )


def _rest(figures: Figures) -> Iterator[str]:
    yield from ("## Accounts", "", "Named at a false discovery rate of 5 % by e-values.", "")
    yield from _table(
        (
            "mechanism",
            "accounts",
            "read",
            "found",
            "false",
            "weakest e of those read",
            "strongest e of the others",
            "p of their cluster",
            "other clusters shown",
        ),
        (
            (
                each.mechanism,
                each.accounts,
                each.read,
                each.found,
                each.false,
                f"{each.weakest_read:.3g}",
                f"{each.strongest_other:.3g}",
                "not looked at" if each.cluster_p is None else f"{each.cluster_p:.2g}",
                each.false_clusters,
            )
            for each in figures.accounts
        ),
    )
    yield from ("Account codes, three accounts of twelve read, by how many questions of each account are asked again:", "")
    yield from _table(
        ("questions asked", "read", "found", "false", "weakest e of those read", "strongest e of the others"),
        (
            (each.questions, each.read, each.found, each.false, f"{each.weakest_read:.3g}", f"{each.strongest_other:.3g}")
            for each in figures.codes
        ),
    )
    yield from ("## Null distributions", "", "Innocent students, coins or keys drawn again.", "")
    yield from _table(
        ("test", "draws", "KS p", "p ≤ 0.05 (limit)", "p ≤ 0.01 (limit)", "p ≤ 0.001 (limit)", "deciles"),
        (
            (
                each.test,
                each.draws,
                f"{each.uniform_p:.3f}",
                *(f"{count} ({each.limits[rate]})" for rate, count in each.false_positives.items()),
                " ".join(map(str, each.deciles)),
            )
            for each in figures.nulls
        ),
    )
    null = figures.null_codes
    yield f"E-values of account codes, {null.draws:,} of them under secrets that marked nothing the student read: mean {null.mean:.2f};"
    reached = ", ".join(f"{count} reached {value} (limit {null.limits[value]})" for value, count in null.reached.items())
    yield from (f"{reached}.", "")
    yield from ("## Methods that accuse the innocent", "")
    yield from _table(
        ("method", "it claims", "accused", "the product says"),
        ((each.method, each.claims, f"{each.accused} of {each.trials}", each.product) for each in figures.failures),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(str(cell).replace("|", "/") for cell in row) + " |" for row in rows)
    yield ""


def _number(p: float | None) -> str:
    return "refused" if p is None else f"p = {p:.2g}"
