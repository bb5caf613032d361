"""The gate as it runs: modes, throttling, pardons, rollback, and everything that may go wrong beside it. All values are synthetic."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillwatch.gateway.clock import PATIENCE_SECONDS, SteadyClock
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.opening import Gateway, opened
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.records.pardon_book import PardonBook
from stillwatch.gateway.snapshot.shelf import Shelf
from tests.gateway.proxy import free_port
from tests.gateway.synthetic import KEY, Book, publish, settings_for, wait_for

MEMBER = Indicator(kind="campaign", value="acct-1", confidence=99, id="campaign--1")
POLICY = """
mode = "enforce"
[grades.throttle]
requests_per_minute = 3
[[rule]]
name = "members"
evidence = ["campaign"]
grade = "{grade}"
"""
ME = Facts(account_id="acct-1", request_id="r1")


class Hands:
    """Wall and monotonic clock, moved by hand."""

    def __init__(self) -> None:
        self.wall = self.steady = 1_800_000_000.0

    def pass_seconds(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    @property
    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.steady)


@pytest.fixture
def hands() -> Hands:
    return Hands()


def gateway(folder: Path, hands: Hands, **over: Any) -> Gateway:
    return Gateway(settings_for(folder, **over), clock=hands.clock, recorder=Book(), started=False)


def published(folder: Path, hands: Hands, grade: str = "block", policy: str = POLICY, **sources: Any) -> int:
    return publish(folder, policy.replace("{grade}", grade), created=hands.wall, **{"indicators": [MEMBER], **sources})


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted((folder / "decisions").glob("*")) for line in path.read_text().splitlines()]


def test_enforced_it_refuses_observed_it_only_records(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    published(tmp_path / "b", hands, policy=POLICY.replace("enforce", "observe"))
    enforcing, observing = gateway(tmp_path, hands), gateway(tmp_path / "b", hands)
    refused, seen = enforcing.gate.judge(ME), observing.gate.judge(ME)
    assert (refused.status, refused.enforced, seen.status, seen.enforced) == (403, True, 200, False)
    for one, ruling in ((enforcing, refused), (observing, seen)):
        one.gate.finish(ruling, {}, status=ruling.status)
        one.close()
    acted, watched = rows(tmp_path)[0], rows(tmp_path / "b")[0]
    assert (acted["gateway_action"], acted["status"], acted["gateway_enforced"]) == ("block", 403, True)
    assert (watched["gateway_action"], watched["status"], watched["gateway_enforced"]) == ("block", 200, False)
    assert (acted["account_id"], acted["request_id"], acted["gateway_evidence"]) == ("acct-1", "r1", ["campaign--1"])
    event = json.loads((tmp_path / "events.jsonl").read_text())
    assert (event["kind"], event["subject"]) == ("ban_wave", "campaign--1")
    assert not (tmp_path / "b" / "events.jsonl").exists()


def test_texts_are_kept_only_of_refused_requests_and_only_if_asked_for(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    for text in ("none", "refused"):
        one = gateway(tmp_path, hands, text=text)
        one.gate.finish(one.gate.judge(ME), {"prompt": "synthetic"}, status=403)
        one.close()
    assert [row.get("prompt") for row in rows(tmp_path)] == [None, "synthetic"]


def test_a_throttled_account_gets_so_many_a_minute(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands, "throttle")
    gate = gateway(tmp_path, hands).gate
    hands.pass_seconds(60 - hands.wall % 60)
    assert [gate.judge(ME).status for _ in range(5)] == [200, 200, 200, 429, 429]
    hands.pass_seconds(20)
    assert gate.judge(ME).retry_after == 40
    hands.pass_seconds(40)
    assert [gate.judge(ME).status for _ in range(4)] == [200, 200, 200, 429]
    assert {gate.judge(Facts(account_id="other")).status for _ in range(20)} == {200}


def test_a_new_snapshot_a_rollback_and_a_pardon_take_effect_while_it_runs(tmp_path: Path) -> None:
    publish(tmp_path, POLICY.replace("{grade}", "watch"), indicators=[MEMBER])
    with opened(settings_for(tmp_path)) as running:
        judge = running.gate.judge
        assert judge(ME).status == 200
        publish(tmp_path, POLICY.replace("{grade}", "block"), indicators=[MEMBER])
        wait_for(lambda: judge(ME).status == 403)
        Shelf(tmp_path / "snapshots", [KEY.public_key()]).rollback()
        wait_for(lambda: judge(ME).status == 200)
        publish(tmp_path, POLICY.replace("{grade}", "block"), indicators=[MEMBER])
        wait_for(lambda: judge(ME).status == 403)
        book = PardonBook(tmp_path / "pardons.sqlite")
        book.add(Pardon("pardon--1", "acct-1", "analyst-1", "synthetic", 1, 2**31))
        wait_for(lambda: judge(ME).decision.rule == "pardon")
        book.add(Pardon("pardon--2", "acct-1", "analyst-1", "taken back", 2, 2))
        wait_for(lambda: judge(ME).status == 403)
        assert running.alarms.counts() == {}


def test_a_grade_reached_by_conduct_survives_a_restart(tmp_path: Path, hands: Hands) -> None:
    policy = 'mode = "enforce"\n[[rule]]\nname = "fast"\nwhen = {requests_per_minute = 3}\ngrade = "verify"\n'
    published(tmp_path, hands, policy=policy)
    one = gateway(tmp_path, hands)
    assert [one.gate.judge(ME).status for _ in range(4)] == [200, 200, 403, 403]
    one.close()
    hands.pass_seconds(600)
    again = gateway(tmp_path, hands)
    assert again.gate.judge(ME).status == 403
    hands.pass_seconds(24 * 3600)
    assert again.gate.judge(ME).status == 200


@pytest.mark.parametrize(("word", "status"), [("allow", 200), ("block", 403)])
def test_without_any_snapshot_the_settings_decide_and_an_alarm_is_raised(
    tmp_path: Path, hands: Hands, word: str, status: int
) -> None:
    one = gateway(tmp_path, hands, without_snapshot=word)
    assert one.gate.judge(ME).status == status
    assert one.alarms.counts()["snapshot"] >= 1


def test_a_damaged_new_snapshot_leaves_the_old_one_in_force_with_an_alarm(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    one = gateway(tmp_path, hands)
    published(tmp_path, hands, "watch")
    path = tmp_path / "snapshots" / "00000002.snapshot"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-64])
    one.keeper.tick()
    assert (one.gate.judge(ME).status, one.alarms.counts()) == (403, {"snapshot": 1})
    one.keeper.tick()
    assert one.alarms.counts() == {"snapshot": 1}


def test_a_stale_snapshot_raises_an_alarm(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands, policy="snapshot_hours = 1\n" + POLICY)
    one = gateway(tmp_path, hands)
    hands.pass_seconds(3601)
    one.keeper.tick()
    assert (one.gate.judge(ME).decision.action, one.alarms.counts()) == (Grade.ALLOW, {"stale snapshot": 1})


def test_damaged_counters_pardons_and_settings_are_alarms_and_no_errors(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    (tmp_path / "counters-0.sqlite").write_bytes(b"no database")
    (tmp_path / "pardons.sqlite").write_bytes(b"no database")
    one = Gateway(settings_for(tmp_path, recorder="no.such:thing", marker="no.such:thing"), clock=hands.clock, started=False)
    assert one.gate.judge(ME).status == 403
    assert {"counters", "pardons", "ledger", "marker"} <= one.alarms.counts().keys()


@pytest.mark.parametrize(("fails", "action"), [("open", Grade.ALLOW), ("closed", Grade.THROTTLE)])
def test_shared_counters_that_cannot_be_reached(tmp_path: Path, hands: Hands, fails: str, action: Grade) -> None:
    policy = f'[grades.throttle]\non_failure = "{fails}"\n[[rule]]\nname = "many"\nwhen = {{requests = 50}}\ngrade = "throttle"\n'
    published(tmp_path, hands, policy=policy)
    one = gateway(tmp_path, hands, redis=f"redis://127.0.0.1:{free_port()}/0")
    assert one.gate.judge(ME).decision.action == action
    assert one.alarms.counts().keys() == {"pardons", "shared counters"}


def test_what_breaks_inside_is_an_alarm_and_the_request_goes_on(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    one = gateway(tmp_path, hands)
    assert one.gate.judge(Facts(account_id="acct-1", samples="no samples")).status == 200  # type: ignore[arg-type]
    assert one.alarms.counts() == {"gateway": 1}


def test_a_clock_that_jumps_is_followed_only_when_it_lasts(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    one = gateway(tmp_path, hands)
    hands.wall += 400 * 86_400
    one.keeper.tick()
    assert (one.gate.judge(ME).status, one.alarms.counts()) == (403, {"clock": 1})
    hands.pass_seconds(PATIENCE_SECONDS)
    one.keeper.tick()
    assert one.gate.judge(ME).at == hands.wall
    hands.wall -= 2
    one.keeper.tick()
    assert one.gate.judge(ME).at == hands.wall


def test_a_full_disk_loses_no_request_and_says_so(tmp_path: Path, hands: Hands) -> None:
    published(tmp_path, hands)
    one = gateway(tmp_path, hands)
    (tmp_path / "decisions").write_text("in the way")
    one.gate.finish(one.gate.judge(ME), {}, status=403)
    one.keeper.tick()
    assert one.alarms.counts() == {"decisions": 1}
    (tmp_path / "decisions").unlink()
    one.keeper.tick()
    assert len(rows(tmp_path)) == 1


BLOCKED = ("duckdb", "ibis", "pyarrow", "igraph", "leidenalg", "scipy", "pandas", "sqlalchemy", "opendp", "jinja2", "typer", "rich")
LIGHT = """
import sys
for name in {blocked}: sys.modules[name] = None
from pathlib import Path
from stillwatch.gateway.adapters import asgi
from stillwatch.gateway.adapters import ext_authz
from stillwatch.gateway import explain
from stillwatch.gateway import replay
from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.opening import opened
from stillwatch.gateway.settings import load_settings
with opened(load_settings(Path(sys.argv[1]))) as gateway:
    print(gateway.gate.judge(facts_of({{"prompt": "synthetic"}}, account_id="acct-1")).status, gateway.alarms.counts())
"""


@pytest.fixture
def light(tmp_path: Path, hands: Hands) -> Iterator[Path]:
    publish(tmp_path, POLICY.replace("{grade}", "block"), indicators=[MEMBER])
    yield tmp_path


def test_it_starts_and_decides_without_the_heavy_packages(light: Path) -> None:
    code = LIGHT.format(blocked=BLOCKED)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code, str(light)], capture_output=True, text=True, env=environment, timeout=120)
    assert (done.stdout.strip(), done.returncode) == ("403 {}", 0), done.stderr
