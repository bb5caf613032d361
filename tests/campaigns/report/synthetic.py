"""Synthetic results of scans, of any size; every name, number and sentence in them is invented."""

import random
from datetime import UTC, datetime, timedelta

import msgspec

from stillwatch.campaigns.campaign import (
    Abstained,
    Alternative,
    Campaign,
    Campaigns,
    Evidence,
    Run,
    Scaffold,
    Technique,
)
from stillwatch.campaigns.detail import Bin, Detail, Shared

START = datetime(2026, 3, 2, tzinfo=UTC)


def run(**changed) -> Run:
    values = {
        "version": "0.0-synthetic",
        "started": "2026-03-20T06:00:00Z",
        "finished": "2026-03-20T06:04:10Z",
        "engine": "local",
        "requests": 1_284_311,
        "accounts": 21_840,
        "rejected_rows": 212,
        "window": ("2026-03-02T00:00:04Z", "2026-03-19T23:59:58Z"),
        "fdr": 0.01,
        "abstained": [
            Abstained("reasoning replay", "The column reasoning_blocks is absent from every row (synthetic)."),
            Abstained("device in common", "No accounts table was given (synthetic)."),
        ],
        "notes": ["Synthetic data: nothing on this page happened."],
    }
    return Run(**(values | changed))


def evidence() -> list[Evidence]:
    return [
        Evidence(
            "payment in common",
            7.4,
            "118 of 120 accounts pay with one of two cards that no other account uses.",
            118,
            61_020,
        ),
        Evidence(
            "divided work",
            5.1,
            "The accounts send the same scaffold with 48,211 fillings; two accounts share fewer than 1 in 500.",
            120,
            48_302,
        ),
        Evidence("sign-up burst", 2.2, "97 accounts were created within 40 minutes of each other.", 97, 50_775),
        Evidence(
            "client in common",
            0.3,
            "All accounts show one client fingerprint, which 3,100 other accounts show too.",
            120,
            61_950,
        ),
        Evidence(
            "openly one organisation",
            -1.6,
            "9 accounts declare the same organisation, so they do not hide that they belong together.",
            9,
            4_310,
        ),
        Evidence(
            "few scaffolds, many fillings",
            4.8,
            "3 scaffolds cover 96 % of the requests, with 48,211 different fillings.",
            120,
            59_470,
            "harvest",
        ),
        Evidence("no use of answers", 2.9, "Fewer than 1 in 200 requests continue a conversation.", 120, 61_950, "harvest"),
        Evidence(
            "answers maximised",
            1.2,
            "The largest permitted answer is asked for in 92 % of requests.",
            111,
            57_020,
            "harvest",
        ),
        Evidence(
            "uneven coverage",
            -0.9,
            "Half of the fillings revisit a topic that the same account has asked about.",
            64,
            20_114,
            "harvest",
        ),
    ]


def campaign(number: int = 1, accounts: int = 120, severity: str = "high", **changed) -> Campaign:
    values = {
        "id": f"campaign--00000000-0000-5000-8000-{number:012d}",
        "accounts": [f"acct-synthetic-{number}-{i:05d}" for i in range(accounts)],
        "org_ids": ["org-synthetic-a", "org-synthetic-b"],
        "first_seen": "2026-03-05T08:12:44Z",
        "last_seen": "2026-03-18T21:40:09Z",
        "requests": 61_950,
        "input_tokens": 48_120_400,
        "output_tokens": 190_442_870,
        "coordination_bits": 12.6,
        "harvest_bits": 8.0,
        "q_value": 0.00031 * number,
        "severity": severity,
        "techniques": [
            Technique("SW-T01", "reasoning elicitation", 0.91),
            Technique("SW-T02", "post-hoc rationale", 0.004),
        ],
        "evidence": evidence(),
        "scaffolds": [Scaffold("9f3c01d2a7b84e60", 0.62, 120), Scaffold("51be77a0c9d2f318", 0.27, 98)],
        "alternatives": [
            Alternative(
                "evaluation harness",
                -6.1,
                "A harness asks the same questions again; here 99.8 % of fillings are asked once.",
            ),
            Alternative(
                "batch job",
                -2.4,
                "A batch job of one customer shows one payer; here two cards pay for 118 accounts that declare no tie.",
            ),
            Alternative("reseller", 0.7, "A reseller also pays for many accounts, but its users differ in what they ask."),
        ],
    }
    return Campaign(**(values | changed))


def detail(of: Campaign, seed: int = 1, hours: int = 330) -> Detail:
    chance = random.Random(seed)
    n = len(of.accounts)
    bins = [
        Bin(
            (START + timedelta(hours=80 + h)).isoformat(),
            chance.randrange(100, 290),
            chance.randrange(n // 2 + 1, n + 1),
        )
        for h in range(hours)
        if not 150 < h < 190
    ]
    everyone = range(n)
    shared = [
        Shared("payment", "card ending in a value used by no other account", [i for i in everyone if i % 5 < 3], 7.4),
        Shared("payment", "second card", [i for i in everyone if i % 5 >= 3 and i % 7], 7.1),
        Shared("sign-up burst", "2 Mar 2026, 09:10 to 09:50 UTC", [i for i in everyone if i % 4], 2.2),
        Shared("scaffold", "9f3c01d2a7b84e60", list(everyone), 5.1),
        *(Shared("address", f"synthetic /24 no. {k}", sorted(chance.sample(everyone, max(2, n // 20))), 1.5) for k in range(6)),
    ]
    return Detail(of.id, bins, shared, [chance.randrange(400, 620) for _ in everyone])


def explained() -> Campaign:
    return campaign(
        900,
        64,
        "low",
        harvest_bits=1.1,
        alternatives=[
            Alternative("evaluation harness", 5.2, "The same 1,319 questions are asked again every night, in the same order."),
            Alternative("batch job", 1.0, "The work starts on the hour and ends when the list is done."),
        ],
    )


def result() -> tuple[Campaigns, dict[str, Detail]]:
    """Three campaigns of different severity, one of them with masked text, and one group explained."""
    masked = [Scaffold("9f3c01d2a7b84e60", 0.62, 31, "You are given a problem.\nThink it through aloud: ▢▢▢\nEnd with: ▢▢")]
    found = [
        campaign(3, 18, "low", coordination_bits=6.0, org_ids=[], techniques=[], alternatives=[]),
        campaign(1, 120, "high"),
        campaign(2, 5_000, "medium", scaffolds=masked),
    ]
    return Campaigns(run(), found, [explained(), explained()]), {c.id: detail(c) for c in found[1:]}


def poisoned_result(payload: str) -> tuple[Campaigns, dict[str, Detail]]:
    """A result with one campaign and one explained group in which every text is the payload."""
    of = campaign(accounts=20)
    masked = [Scaffold("", 0.5, 20, "replaced")]
    found = Campaigns(run(), [msgspec.structs.replace(of, scaffolds=masked)], [explained()])
    timed = msgspec.structs.replace(poisoned(detail(of), payload), timeline=detail(of).timeline)
    return poisoned(found, payload), {payload: timed}


def poisoned(value, payload: str):
    """The same value with every text in it, however deep, replaced by the payload."""
    if isinstance(value, str):
        return payload
    if isinstance(value, (list, tuple)):
        return type(value)(poisoned(v, payload) for v in value)
    if isinstance(value, msgspec.Struct):
        return type(value)(**{f: poisoned(getattr(value, f), payload) for f in value.__struct_fields__})
    return value
