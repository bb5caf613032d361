"""The story that the demonstration tells, chapter by chapter, after provider A has found campaigns in its traffic."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from stillwatch.cli.demonstration import consoles, front
from stillwatch.cli.demonstration.customers import Customers, Till, customers, received
from stillwatch.cli.demonstration.desk import CommandFailed, Desk
from stillwatch.cli.demonstration.processes import Processes
from stillwatch.cli.demonstration.stage import Stage, set_up
from stillwatch.cli.demonstration.week import first_day
from stillwatch.cli.streams import tell

POLICY = """\
# Policy of synthetic provider B: what others told counts here as far as B decided; see docs/gateway.md.
schema = "stillwatch.policy/1"
mode = "enforce"
received_at_most = "block"

[grades.hide]
strip = ["reasoning", "logprobs"]
max_n = 1
max_top_logprobs = 0

[[rule]]
name = "works on a scaffold that another provider told of"
evidence = ["scaffold"]
origin = "received"
min_confidence = 30
when = {requests = 3, scaffold = 0.5}
grade = "hide"

[[rule]]
name = "keeps working on it"
evidence = ["scaffold"]
origin = "received"
min_confidence = 30
when = {requests = 5, scaffold = 0.5}
grade = "block"

[[rule]]
name = "comes from a network that another provider told of"
evidence = ["prefix"]
origin = "received"
min_confidence = 30
when = {requests = 3}
grade = "review"
"""
_GATEWAY = "# The edge in front of the proxy is provider B's own.\ntrusted_hops = 1\n"
_APPROVED = ("--approve", "Ada Example", "--yes")
_POOL, _EACH, _BENIGN = 3, 6, 40
_CUSTOMER = "customer-of-b"
_UNSUSPECTED = "192.0.2.77"
_REASON = "The network also serves people who have nothing to do with the campaign."
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Audience:
    """How the story is told: whether a browser is opened on it, and whether its end is left to the person who watches."""

    browser: bool = False
    stay: bool = False


def tell_story(out: Path, accounts: int, seed: int, audience: Audience) -> None:
    """Play chapters 4 to 9 in ``out``, where provider A's folder has its scan already. Raises what goes wrong."""
    with Processes() as processes:
        tell("4. A hub begins, and two providers become its members; each gets a console:")
        stage = set_up(out, processes)
        urls = consoles.serve_consoles(stage, processes)
        campaign = consoles.found_campaign(stage.a, urls[stage.a.who])
        consoles.told(urls, campaign)
        if audience.browser:
            consoles.show(campaign)
        share(stage)
        correlate(stage, accounts, seed)
        hunt(stage)
        tell(f"8. The campaign goes on at provider B with new accounts, behind {_proxy_name()}:")
        url = front.serve(processes, out / "proxy", stage.b.folder / "stillwatch-gateway")
        with closing(Till(url)) as till:
            indicators = received(stage.b.folder / "stillwatch-feed.sqlite")
            cast = customers(stage.b.folder / "world", indicators, _BENIGN)
            enforce(till, cast)
            prefix = next(each for each in indicators if each.kind == "prefix")
            address = str(ip_network(prefix.value)[9])
            hold_back(stage, till, cast, address)
            if audience.stay:
                leave_to_the_audience(stage, urls, campaign)
            else:
                appeal(stage, till, cast, prefix.id, address)


def share(stage: Stage) -> None:
    """Provider A shares what it found, past the guard and with a person's approval."""
    tell("5. Provider A shares its campaigns: the guard keeps back what may not leave, a person approves the rest:")
    _share(stage.a, stage.url)


def correlate(stage: Stage, accounts: int, seed: int) -> None:
    """Provider B, whose traffic is another, shares too, and the hub sees that both speak of one campaign."""
    tell("6. Provider B scans its own traffic and shares too; the hub correlates:")
    size = max(300, accounts // 3)
    made = ("--accounts", str(size), "--seed", str(seed + 1), "--campaign", f"queue:{max(30, size // 25)}")
    stage.b.call("simulate", "--out", "world", "--start", str(first_day()), *made)
    stage.b.call("scan", "world/requests", "--accounts", "world/accounts.parquet", "--quiet")
    _share(stage.b, stage.url)
    links = stage.hub.call("hub", "correlate")
    for link in links:
        tell(f"      {link['earlier']} and {link['later']}: {link['relation']}, by {', '.join(link['shared'])}")
    if not links:
        raise CommandFailed("the hub found no campaign that both reported", place=str(stage.hub.folder), cure="try another --seed")


def _share(provider: Desk, url: str) -> None:
    found = json.loads((provider.folder / "stillwatch-out" / "campaigns.json").read_text("utf-8"))["campaigns"]
    for number in range(1, len(found) + 1):
        told = provider.call("share", str(number), "--requests", "world/requests", "--to", url, *_APPROVED)
        sent = told["sent"]
        tell(f"      {sent['taken']} objects of {told['subjects'][0]} taken by the hub, {len(sent['refused'])} refused")


def hunt(stage: Stage) -> None:
    """Provider B looks for what A told in its own past traffic, and tries a policy on it before it enforces it."""
    tell("7. Provider B fetches, hunts in its own past traffic, and tries its policy on it before anybody is hit:")
    stage.b.call("feed", "pull")
    found = stage.b.call("hunt", "world/requests")["finds"]
    accounts = {account for find in found for account in find["accounts"]}
    tell(f"      {len(found)} received indicators met {len(accounts)} accounts")
    stage.b.write("stillwatch-gateway/policy.toml", POLICY)
    stage.b.write("stillwatch-gateway/gateway.toml", _GATEWAY)
    _build(stage)
    replayed = stage.b.call("gateway", "replay", "world/requests")
    untouched = f"{replayed['untouched']} of {replayed['accounts']} accounts"
    tell(f"      {untouched} would be untouched; {replayed['refused']} requests would be refused")


def _build(stage: Stage) -> None:
    stage.b.call("gateway", "build", "--feed", "stillwatch-feed.sqlite", "--accounts", "world/accounts.parquet")


def enforce(till: Till, cast: Customers) -> None:
    """The campaign's new accounts are hidden from, then blocked; everybody else is served."""
    for place in range(_POOL):
        name = f"newcomer-{place + 1}"
        rows = cast.campaign[place * _EACH : (place + 1) * _EACH]
        tell(f"      {name}: {'; '.join(till.ask(name, row, _UNSUSPECTED) for row in rows)}")
    answers = Counter(till.ask(row["account_id"], row, row["ip"] or _UNSUSPECTED) for row in cast.benign)
    tell(f"      {len(cast.benign)} other customers: {', '.join(f'{count} × {status}' for status, count in answers.items())}")


def hold_back(stage: Stage, till: Till, cast: Customers, address: str) -> None:
    """A customer of B who sits in a network that A told of is held back."""
    tell("9. A customer of provider B is wrongly held back, appeals, and is cleared everywhere:")
    tell(f"      {_CUSTOMER}, before: {'; '.join(till.ask(_CUSTOMER, cast.benign[0], address) for _ in range(4))}")
    _until(lambda: stage.b.call("gateway", "explain", _CUSTOMER)["cited"], "the decision is recorded")


def appeal(stage: Stage, till: Till, cast: Customers, indicator: str, address: str) -> None:
    """The customer appeals, and is cleared everywhere."""
    row = cast.benign[0]
    stage.b.call("gateway", "pardon", _CUSTOMER, "--because", _REASON)
    _until(lambda: till.ask(_CUSTOMER, row, address) == "200", "the pardoned customer is served")
    tell(f"      {_CUSTOMER}, pardoned: {till.ask(_CUSTOMER, row, address)}")
    stage.b.call("gateway", "correct", "--to", stage.url, *_APPROVED)
    case = stage.hub.call("hub", "appeal", "open", indicator, "--because", _REASON)["appeal"]
    stage.a.call("feed", "pull")
    stage.a.call("correct", indicator, "--revoke", "--because", _REASON, "--to", stage.url, *_APPROVED)
    stage.hub.call("hub", "appeal", "decide", case, "upheld", as_json=False)
    stage.b.call("feed", "pull")
    for provider, done in ((stage.a, "The indicator was taken back."), (stage.b, "The customer is served again.")):
        provider.call("feed", "answer", case, "--what", done, as_json=False)
    _build(stage)
    _until(lambda: till.ask("neighbour-of-the-customer", row, address) == "200", "the new snapshot is in force")
    tell(f"      another customer of that network: {'; '.join(till.ask('another-customer', row, address) for _ in range(4))}")
    print(stage.hub.call("hub", "appeal", "show", case, as_json=False))  # noqa: T201


def leave_to_the_audience(stage: Stage, urls: Mapping[str, str], campaign: str) -> None:
    """Keep everything served until the person who watches stops it."""
    tell("   The rest is yours, in the browser; everything stays until you stop it with Ctrl+C.")
    consoles.told(urls, campaign)
    for step in consoles.steps(campaign, urls[stage.b.who], _CUSTOMER):
        tell(f"   {step}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        tell("   Stopped; nothing is left running.")


def _until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that takes seconds. Raises CommandFailed."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise CommandFailed(f"it did not come about that {what}", place="demonstration", cure="look into the folders")
        time.sleep(0.5)


def _proxy_name() -> str:
    here = front.litellm_is_here()
    return "a LiteLLM proxy with the gateway in it" if here else "the gateway's own server, as LiteLLM is not installed"
