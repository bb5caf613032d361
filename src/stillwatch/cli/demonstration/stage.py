"""The stage of the demonstration: a hub that is served, and two providers with their own folders, settings and keys."""

import sys
from dataclasses import dataclass
from pathlib import Path

from stillwatch.cli.demonstration.desk import Desk
from stillwatch.cli.demonstration.processes import Processes, free_port

_SETTINGS = """\
# Settings of a synthetic provider; see docs/sharing.md.
name = "{name}"
profile = "member-standard"
hub = "{url}"
hub_member = "{name}"
hub_key = "hub.key"
"""
PROVIDERS = ("provider-a", "provider-b")


@dataclass(frozen=True)
class Stage:
    """The three desks, and the hub's URL."""

    a: Desk
    b: Desk
    hub: Desk
    url: str

    @property
    def providers(self) -> tuple[Desk, Desk]:
        """Both providers."""
        return self.a, self.b


def set_up(folder: Path, processes: Processes) -> Stage:
    """Begin a hub with two members that know each other's keys, and serve it. Raises what its commands raise."""
    port = free_port()
    a, b, hub = (Desk(folder / name, name) for name in (*PROVIDERS, "hub"))
    stage = Stage(a, b, hub, f"http://127.0.0.1:{port}")
    stage.hub.call("hub", "init", "--title", "Synthetic hub")
    stage.hub.call("hub", "collection", "add", "Campaigns", "--alias", "campaigns", "--reader", "everyone", "--writer", "everyone")
    for provider in stage.providers:
        _join(provider, stage)
    stage.a.call("keyring", "add", f"../{stage.b.who}/our-key.json")
    stage.b.call("keyring", "add", f"../{stage.a.who}/our-key.json")
    command = [sys.executable, "-m", "stillwatch", "hub", "serve", "--port", str(port)]
    processes.start(command, f"{stage.url}/ready", stage.hub.folder / "hub.log", stage.hub.folder)
    return stage


def _join(provider: Desk, stage: Stage) -> None:
    """The hub takes a provider in, and knows its signing key."""
    key = stage.hub.call("hub", "member", "add", provider.who)["key"]
    provider.write("hub.key", key, mode=0o600)
    provider.write("stillwatch.toml", _SETTINGS.format(name=provider.who, url=stage.url))
    provider.call("keyring", "export", "--out", "our-key.json")
    provider.call("keyring", "add", "our-key.json", "--keyring", f"../{stage.hub.who}/stillwatch-hub/keyring.json")
