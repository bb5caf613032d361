"""Neighbours of the console in memory, as `sources` wants them; every name in them is invented."""

import threading
from types import SimpleNamespace

from stillwatch.errors import RefusedByPolicy, StoreUnavailable, UsageError
from stillwatch.gateway.policy_file import read_policy
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.views import View, opinion

INDICATOR = "indicator--7d2d6a3e-6f0e-4c36-9d0c-6f1c1a1b2c3d"
POLICY = 'schema = "stillwatch.policy/1"\n[[rule]]\nname = "often"\nwhen = {requests = 2}\ngrade = "watch"\n'


def hit(account, grade, plan="free", requests=5):
    known = {
        "first": "2026-11-01T00:00:00Z",
        "first_request": "r1",
        "after": 2,
        "refused": 0,
        "evidence": [],
        "reason": "synthetic",
    }
    return known | {"account_id": account, "grade": grade, "plan": plan, "requests": requests, "rule": f"rule for {grade}"}


class MemoryGateway:
    """A gateway in whose evidence an object that others know speaks against everybody who is asked about.

    Replays wait while it is not ``free``.
    """

    def __init__(self):
        self.given, self.waiting, self.settled, self.replayed = [], [], [], []
        self.failing = False
        self.free = threading.Event()
        self.free.set()
        self.hits = {True: [hit("acct-a", "watch")], False: [hit("acct-a", "block"), hit("acct-b", "hide", "enterprise")]}

    def status(self):
        return {"in_force": True, "snapshot": 1, "mode": "enforce"}

    def decisions(self):
        return iter([])

    def explain(self, account):
        evidence = [{"kind": "prefix", "origin": "received", "id": INDICATOR, "shared": False, "confidence": 60}]
        return {"account_id": account, "grade": "review", "mode": "enforce", "plan": None, "pardon": None, "evidence": evidence,
                "cited": [], "recent": [], "counters": {"requests": 3.0}, "decision": {"reason": "synthetic"}}  # fmt: skip

    def pardons(self):
        return [{"account_id": a, "by": by, "because": why, "until": 2_000_000_000} for a, why, _, by in self.given]

    def pardon(self, account, because, days, by):
        if self.failing:
            raise StoreUnavailable("the folder is locked", place="gateway", cure="try again")
        self.given.append((account, because, days, by))
        self.waiting.append((f"correction--{len(self.given)}", because))
        return {"correction": True}

    def corrections(self):
        return [name for name, _ in self.waiting]

    def opinions(self, terms):
        return [as_json(terms.producer), *(as_json(opinion(View.DISPUTED, INDICATOR, terms, why)) for _, why in self.waiting[-1:])]

    def settle(self, corrections, now):
        self.settled += corrections
        self.waiting = [each for each in self.waiting if each[0] not in corrections]

    def policy(self):
        return POLICY

    def check_policy(self, policy):
        read_policy(policy)

    def replay(self, policy):
        self.free.wait(10)
        self.replayed.append(policy)
        if self.failing:
            raise StoreUnavailable("the folder is locked", place="gateway", cure="try again")
        return {"requests": 90, "accounts": 9, "untouched": 7, "refused": 3, "by_grade": {"allow": 80, "block": 10},
                "hits": self.hits[policy == POLICY]}  # fmt: skip


class MemoryHub:
    """A hub as its operator sees it."""

    operates = True

    def __init__(self):
        self.cases = {}

    def status(self):
        return {"answers": True, "ready": True}

    def trace(self, stix_id):
        reached = {
            "member": "synthetic-b",
            "delivered": "2026-11-01T00:00:01Z",
            "how": "changes",
            "confirmed": None,
            "because": None,
        }
        kept = reached | {"member": "synthetic-c", "delivered": None, "how": None, "because": "may not read this collection"}
        return [reached, kept] if stix_id == INDICATOR else []

    def appeals(self):
        return list(self.cases.values())

    def appeal(self, name):
        if name not in self.cases:
            raise UsageError("no such case", place=name, cure="see the list")
        course = {"member": "synthetic-b", "told": "2026-11-01T00:00:01.000000Z", "confirmed": None, "answered": None,
                  "seconds_to_confirm": 2.5, "seconds_to_answer": None, "what": "taken out"}  # fmt: skip
        return self.cases[name] | {"members": [course], "notices": []}

    def open_appeal(self, objects, because, by):
        name = f"appeal--{len(self.cases)}"
        self.cases[name] = {"id": name, "objects": list(objects), "because": because, "outcome": None, "decided": None,
                            "opened": "2026-11-01T00:00:00.000000Z", "by": by}  # fmt: skip
        return name

    def decide_appeal(self, name, outcome, by):
        self.cases[name] |= {"outcome": outcome, "decided": "2026-11-02T00:00:00.000000Z"}

    def answer(self, name, what, by):
        raise UsageError("the operator does not answer", place=name, cure="members do")


class MemoryExchange:
    """A hub that takes everything, or, once it is ``away``, nothing."""

    url = "https://hub.example"

    def __init__(self):
        self.taken, self.away, self.fetches = [], False, 0

    def send(self, release):
        if self.away:
            raise RefusedByPolicy("nothing was taken", place=self.url, cure="see the reasons")
        self.taken.append(release.read_bytes())
        return {"taken": 3, "refused": [], "url": self.url}

    def fetch(self):
        self.fetches += 1
        return {"taken": 2, "refused": 0, "removed": 0, "told": 1}


class MemoryLogs:
    """Logs with one client, one network and one token of everybody."""

    makes_tokens = True

    def requests_of(self, accounts, most, now):
        prompt = "Write to ada@example.test about 42 pears"
        return [{"request_id": "r1", "account_id": next(iter(accounts)), "ts": now, "model": "m", "prompt": prompt}]

    def traces_of(self, campaign, now):
        from stillwatch.sharing.stix.extensions import Network

        return SimpleNamespace(clients=list, networks=lambda: [Network(prefix="192.0.2.0/24", accounts=9)])

    def tokens_of(self, accounts):
        return []
