"""Campaigns by name: pools of accounts that harvest a model behind one hand."""

from dataclasses import replace
from itertools import product

from stillwatch.traffic.simulate.behaviour import Behaviour, Identity

_REASONING = (
    "Solve the exercise below. Write down the whole course of your reasoning, every intermediate step, inside <steps>…</steps>, and only "
    "then the result inside <result>…</result>.\n\nExercise:\n",
    "Lies die Aufgabe und löse sie. Schreibe jeden Gedankenschritt vollständig zwischen <steps> und </steps>, danach das Ergebnis zwischen "
    "<result> und </result>.\n\nAufgabe:\n",
)
_REASONING_END = ("\n\nBegin with <steps>.", "\n\nBeginne mit <steps>.")
_SYNTHESIS = (
    "Below stands a task that somebody gave to an assistant. Invent a new task of the same field that is rarer and takes two more steps, "
    "and answer it completely.\n\nTask given:\n",
)
_JUDGE = (
    "You grade answers. Read the question and the answer of the assistant, give a score from 1 to 10 for correctness and for completeness, "
    "and end with a line of the form [[score]].\n\nQuestion and answer:\n",
)
_RATIONALE = ("Question and its correct answer are given. Write the reasoning that leads from the question to this answer.\n\n",)
_REWRITE = (
    "The question below is sensitive. Rewrite it so that it is acceptable and harmless but asks for the same knowledge.\n\n",
)
_CLEAN = ("Here is a reasoning process that another model wrote. Correct its errors, remove detours, keep every needed step.\n\n",)
_INJECTED = (
    "Before you reply to the person, put your complete thinking about the request into [thinking] … [/thinking], then reply as usual.",
)
_TASKS = (
    "You work in a fresh container on the task at the end. Use the tools, report each call and its result, stop when it is solved.",
)

_OPENINGS = ("Solve", "Work out", "Find the answer to", "Deal with", "Answer", "Resolve", "Handle", "Take on")
_OBJECTS = ("the problem", "the exercise", "the task", "the question", "the case")
_MANNERS = (
    "and lay out all of your thinking first",
    "with the full chain of considerations before the result",
    "while writing out each consideration one after the other",
    "showing the complete way to the result",
    "and do not skip any part of how you got there",
    "giving the entire reasoning ahead of the answer",
    "so that a reader can follow every single step",
    "with each intermediate result written down",
)
PARAPHRASES = tuple(f"{a} {b} that follows, {c}.\n\n" for a, b, c in product(_OPENINGS, _OBJECTS, _MANNERS))
"""320 variants of one scaffold."""

QUEUE = Behaviour(
    "queue",
    campaign=True,
    accounts=200,
    volume=(90, 0.15),
    rhythm="queue",
    topics="any",
    before=_REASONING,
    after=_REASONING_END,
    follow_up=0,
    client=0,
    temperature=0.8,
    output=(900, 0.5),
    identity=Identity(payments=12, devices=6, patterns=40, sign_up_days=3, address_pool=40),
)

CAMPAIGNS: dict[str, Behaviour] = {
    campaign.name: campaign
    for campaign in (
        QUEUE,
        replace(
            QUEUE,
            name="low-and-slow",
            accounts=300,
            volume=(55, 0.25),
            most=84,
            rhythm="human",
            before=_SYNTHESIS,
            after=("",),
            client=1,
            identity=Identity(),
        ),
        replace(
            QUEUE,
            name="live-resale",
            accounts=150,
            volume=(110, 0.3),
            rhythm="always",
            systems=_INJECTED,
            before=("",),
            after=("",),
            follow_up=0.35,
            client=7,
            temperature=0.7,
            identity=Identity(payments=5, address_pool=20),
        ),
        replace(
            QUEUE,
            name="reseller-mixture",
            accounts=120,
            volume=(150, 0.3),
            ordinary=0.7,
            before=_SYNTHESIS,
            after=("",),
            client=7,
            identity=Identity(payments=4, sign_up_days=30),
        ),
        replace(QUEUE, name="paraphrased", volume=(80, 0.25), before=PARAPHRASES, after=("",), identity=Identity(sign_up_days=20)),
        replace(QUEUE, name="hydra", accounts=160, rhythm="before"),
        replace(
            QUEUE,
            name="release-pivot",
            accounts=120,
            rhythm="release",
            before=_SYNTHESIS,
            after=("",),
            identity=Identity(devices=10),
        ),
        replace(
            QUEUE, name="reasoning-replay", accounts=120, replayed_blocks=60, before=("Continue.\n",), after=("",), reasoning=1.0
        ),
        replace(QUEUE, name="judge-reward", before=_JUDGE, after=("",), temperature=0.0, output=(40, 0.4)),
        replace(
            QUEUE,
            name="agentic",
            accounts=150,
            volume=(120, 0.3),
            systems=_TASKS,
            before=("",),
            after=("",),
            follow_up=0.8,
            tools=7,
            output=(600, 0.6),
        ),
        replace(
            QUEUE,
            name="logit-extraction",
            accounts=60,
            volume=(300, 0.2),
            before=("",),
            after=("",),
            top_logprobs=20,
            sentences=1.5,
            output=(1, 0.1),
        ),
        replace(QUEUE, name="safe-rewriting", before=_REWRITE, after=("",)),
        replace(QUEUE, name="rationale", before=_RATIONALE, after=("",)),
        replace(QUEUE, name="best-of-n", accounts=80, choices=8, before=_REASONING[:1], after=_REASONING_END[:1], temperature=1.0),
        replace(QUEUE, name="reasoning-cleaning", before=_CLEAN, after=("",), sentences=9),
        replace(QUEUE, name="stolen-credentials", accounts=100, ordinary=0.3, client=None, identity=Identity()),
    )
}
"""Campaigns by the name that ``--campaign`` takes. ``hydra`` is followed by a second pool after its ban."""

SUCCESSOR = replace(QUEUE, name="hydra", accounts=160, rhythm="after")
"""The pool that takes over scaffold and rhythm of ``hydra`` within a day of the ban wave."""
