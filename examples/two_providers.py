"""Two providers and a hub, each a process of its own: a campaign found at one is met at the other, and corrected for everybody.

    python examples/two_providers.py [FOLDER]

Everything is synthetic. What happens, step by step:

1. A hub begins, with two providers and an independent evaluator as members, and is served on a free port of this machine.
2. Provider A scans its traffic, finds a campaign, and shares it with the hub: past its guard, signed, recorded.
3. Provider B fetches it, hunts for it in its own past traffic, meets it, and sends a sighting and an opinion.
4. Provider A fetches both, sees that one indicator was wrong, and corrects it.
5. The correction reaches everybody, and the hub can say when.

It ends by itself and leaves nothing running; the folder (a temporary one, if none is named) keeps all files.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

STILLWATCH = (sys.executable, "-m", "stillwatch")
START_SECONDS = 60


def main(folder: Path) -> None:
    """Run the story in a folder; an AssertionError says which part of it did not come true."""
    keys, port = begin_hub(folder), free_port()
    url = f"http://127.0.0.1:{port}/"
    with served(folder, port):
        a, b, evaluator = (join(folder, name, key, url) for name, key in keys.items())
        introduce(a, b, evaluator)
        disclosed = tell(a)
        indicator = meet(b, disclosed)
        hear(a, indicator)
        correct(a, indicator)
        settle((b, evaluator), indicator)
        report(folder, indicator)


def begin_hub(folder: Path) -> dict[str, str]:
    """Step 1: a hub with three members and a collection; the members' keys by name."""
    say("1. A hub begins")
    run(folder, "hub", "init", "--title", "Synthetic hub", "--state", "hub")
    members = {"provider-a": "member", "provider-b": "member", "evaluator": "evaluator"}
    adding = ("hub", "member", "add", "--state", "hub")
    keys = {name: str(run(folder, *adding, name, "--role", role)["key"]) for name, role in members.items()}
    everyone = ("--reader", "everyone", "--writer", "everyone")
    run(folder, "hub", "collection", "add", "Campaigns", "--alias", "campaigns", *everyone, "--state", "hub")
    return keys


def join(folder: Path, name: str, key: str, url: str) -> Path:
    """A member's own folder: its settings, its key at the hub, and a signing key that the hub learns."""
    home = folder / name
    home.mkdir()
    (home / "hub.key").touch(mode=0o600)
    (home / "hub.key").write_text(key)
    settings = {"name": name, "hub": url, "hub_member": name, "hub_key": "hub.key", "profile": "member-standard", "tlp": "green"}
    (home / "stillwatch.toml").write_text("".join(f"{setting} = {json.dumps(value)}\n" for setting, value in settings.items()))
    run(home, "keyring", "export", "--out", "our-key.json")
    run(home, "keyring", "add", "our-key.json", "--keyring", "../hub/keyring.json")
    return home


def introduce(*homes: Path) -> None:
    """Each learns the signing keys of the others who will say something; the first two will."""
    for home in homes:
        for other in homes[:2]:
            if other != home:
                run(home, "keyring", "add", f"../{other.name}/our-key.json")


def tell(a: Path) -> str:
    """Step 2: A finds a campaign and shares it; the campaign's id."""
    say("2. Provider A scans its traffic")
    simulate(a, seed=1, size=60)
    found = run(a, "scan", "world/requests", "--accounts", "world/accounts.parquet", "--quiet")
    assert found["campaigns"], "the scan found no campaign"
    shared = run(a, "share", "1", "--to", url_of(a), "--approve", "Ada Example", "--yes")
    assert shared["sent"]["refused"] == [], "the hub refused something"
    say(f"   found and shared {shared['subjects'][0]}: {shared['sent']['taken']} objects")
    return str(shared["subjects"][0])


def meet(b: Path, disclosed: str) -> str:
    """Step 3: B fetches what A told, meets it in its own traffic, and says so; the id of an indicator that it met."""
    say("3. Provider B hunts for it in its own past traffic")
    simulate(b, seed=2, size=40)
    run(b, "feed", "pull")
    assert [entry["id"] for entry in feed(b, "campaign")] == [disclosed], "the campaign did not arrive"
    hunted = run(b, "hunt", "world/requests", "--offer", "--to", url_of(b), "--approve", "Ben Example", "--yes")
    indicators = {entry["id"] for entry in feed(b, "indicator")}
    met = [find["sighting_of"] for find in hunted["finds"] if find["sighting_of"] in indicators]
    assert met, "the hunt met nothing"
    say(f"   met {len(met)} indicators; sightings sent, naming no account")
    run(b, "opinion", met[0], "investigating", "--to", url_of(b), "--approve", "Ben Example", "--yes")
    return str(met[0])


def hear(a: Path, indicator: str) -> None:
    """Step 4, first half: A hears of the sighting and the opinion."""
    say("4. Provider A hears of it, and corrects an indicator")
    run(a, "feed", "pull")
    seen = [run(a, "feed", "show", entry["id"])["versions"][0]["object"] for entry in feed(a, "sighting")]
    assert indicator in {sighting["sighting_of_ref"] for sighting in seen}, "the sighting did not arrive"


def correct(a: Path, indicator: str) -> None:
    """Step 4, second half: A takes the indicator back, with the reason."""
    reason = ("--because", "The scaffold belongs to a public tool.")
    corrected = run(a, "correct", indicator, "--revoke", *reason, "--to", url_of(a), "--approve", "Ada Example", "--yes")
    assert corrected["sent"]["refused"] == [], "the hub refused the correction"


def settle(others: tuple[Path, ...], indicator: str) -> None:
    """Step 5: everybody fetches the correction, and the indicator has no effect any more."""
    say("5. The correction reaches everybody")
    for home in others:
        run(home, "feed", "pull")
        (version,) = run(home, "feed", "show", indicator)["versions"]
        assert version["without_effect"] == "revoked", f"the correction did not reach {home.name}"


def report(folder: Path, indicator: str) -> None:
    """What the hub can say: which version reached whom, and when it was confirmed."""
    traced = run(folder, "hub", "trace", indicator, "--state", "hub")
    latest = max(row["version"] for row in traced)
    for row in traced:
        what = "correction" if row["version"] == latest else "indicator"
        say(f"   {what} at {row['member']}: delivered {row['delivered'] or 'not: ' + row['because']}, confirmed {row['confirmed']}")
    reached = {row["member"] for row in traced if row["version"] == latest and row["confirmed"]}
    assert reached == {"provider-b", "evaluator"}, "the hub cannot say that everybody has the correction"
    say("Done.")


def simulate(home: Path, seed: int, size: int) -> None:
    """Synthetic traffic in which a campaign of this many accounts is at work."""
    run(home, "simulate", "--out", "world", "--accounts", "300", "--days", "4", "--seed", str(seed), "--campaign", f"queue:{size}")


def feed(home: Path, kind: str) -> list[dict[str, Any]]:
    """The objects of a type that a member's feed holds."""
    listed: list[dict[str, Any]] = run(home, "feed", "list", "--type", kind)["objects"]
    return listed


def url_of(home: Path) -> str:
    """The hub's URL, from a member's settings."""
    lines = dict(line.split(" = ", 1) for line in (home / "stillwatch.toml").read_text().splitlines() if " = " in line)
    return str(json.loads(lines["hub"]))


def run(folder: Path, *arguments: str) -> Any:
    """What a command prints as JSON, run in a folder by a process of its own."""
    done = subprocess.run([*STILLWATCH, *arguments, "--json"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"stillwatch {' '.join(arguments)}\n{done.stderr}"
    return json.loads(done.stdout)


@contextmanager
def served(folder: Path, port: int) -> Iterator[None]:
    """The hub, while the block runs."""
    with (folder / "hub.log").open("wb") as log:
        command = [*STILLWATCH, "hub", "serve", "--state", "hub", "--port", str(port)]
        hub = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            wait(hub, f"http://127.0.0.1:{port}/ready")
            yield
        finally:
            hub.terminate()
            hub.wait(30)


def wait(hub: "subprocess.Popen[bytes]", url: str) -> None:
    """Until the hub answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert hub.poll() is None, "the hub ended; see hub.log"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("the hub did not begin to answer; see hub.log")


def free_port() -> int:
    """A port of this machine on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """A line for whoever looks on."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="stillwatch-two-providers-"))
    place.mkdir(parents=True, exist_ok=True)
    main(place.resolve())
