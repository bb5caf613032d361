"""Server time of every page of the console with 10,000 campaigns, 1,000,000 accounts and 1,000 cases, and the bytes of a first load.

python -m benchmarks.console_speed
"""

import re
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from stillwatch.campaigns.campaign import Campaigns, Scaffold
from stillwatch.case.source import read_scan
from tests.campaigns.report.synthetic import campaign, detail, run
from tests.console.furnished import furnished
from tests.console.world import Browser

CAMPAIGNS, ACCOUNTS, CASES, ROUNDS = 10_000, 1_000_000, 1_000, 30


def main() -> None:
    """Measure and print."""
    scaffolds = [Scaffold("swf1:0169dfaa00e5ccec.01a1d826d2073b12", 0.6, 40)]
    each = ACCOUNTS // CAMPAIGNS
    found = [
        campaign(number, each, ("high", "medium", "low")[number % 3], scaffolds=scaffolds) for number in range(1, CAMPAIGNS + 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        scan = Campaigns(run(), found), [detail(each) for each in found]
        world = furnished(Path(folder), scan)
        desk = world.desk
        opened = read_scan(desk.settings.scan)
        desk.cases.add(opened, "ann", datetime.now(UTC), opened.campaigns[:CASES])
        began = time.perf_counter()
        browser = Browser(desk).signed_in("analyst")
        browser.get("/overview")
        print(f"first page, with reading the scan: {time.perf_counter() - began:.1f} s")
        one, account = found[77].id, found[77].accounts[5]
        for address in (
            "/campaigns?severity=medium&sort=q&page=20", "/campaigns?text=synthetic-77", f"/campaigns/{one}/graph.json",
            f"/accounts?campaign={one}", "/accounts?sort=requests", f"/account?id={account}", "/cases/78", *world.pages.values(),
        ):  # fmt: skip
            times = [_seconds(browser, address) for _ in range(ROUNDS)]
            print(f"{address[:60]:62} p95 {np.percentile(times, 95) * 1000:7.1f} ms")
        print(f"first load of a campaign: {_bytes(browser, f'/campaigns/{one}') / 1000:.0f} kB")


def _seconds(browser: Browser, address: str) -> float:
    began = time.perf_counter()
    assert browser.get(address).status_code == 200
    return time.perf_counter() - began


def _bytes(browser: Browser, address: str) -> int:
    page = browser.get(address)
    parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    return len(page.content) + sum(int(browser.get(part).headers["content-length"]) for part in parts)


if __name__ == "__main__":
    main()
