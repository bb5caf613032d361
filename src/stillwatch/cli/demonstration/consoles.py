"""The consoles of the demonstration: one for each provider and one for the hub's operator, served while it plays.

Rules: every console has the users USERS, all with the one word of the demonstration; nothing in it is worth more.
"""

import os
import sys
import webbrowser
from collections.abc import Mapping

import msgspec

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.report.summary import by_severity
from stillwatch.cli.demonstration.desk import Desk
from stillwatch.cli.demonstration.processes import Processes, free_port
from stillwatch.cli.demonstration.stage import Stage
from stillwatch.cli.streams import tell

PASSWORD = "synthetic demonstration"
USERS: Mapping[str, str] = {"ada": "admin", "bo": "counsel", "clerk": "viewer"}
_LOGS = ("--requests", "world/requests", "--accounts", "world/accounts.parquet")


def serve_consoles(stage: Stage, processes: Processes) -> dict[str, str]:
    """Serve the three consoles; their addresses by whose they are. Raises what the commands raise, NotServed."""
    of_member = (*_LOGS, "--hub", stage.url, "--hub-key", "hub.key")
    return {
        stage.a.who: _served(stage.a, processes, *of_member),
        stage.b.who: _served(stage.b, processes, *of_member, "--gateway", "stillwatch-gateway"),
        stage.hub.who: _served(stage.hub, processes, "--hub", "stillwatch-hub"),
    }


def told(consoles: Mapping[str, str], campaign: str) -> None:
    """Say where the consoles are and how to sign in."""
    tell(f"      The campaign in provider A's console: {campaign}")
    for who, url in consoles.items():
        tell(f"      {who}: {url}/")
    tell(f"      sign in as {', '.join(f'{name} ({role})' for name, role in USERS.items())}; the password of all: {PASSWORD}")


def steps(campaign: str, other: str, customer: str) -> tuple[str, ...]:
    """What there is to do in the browser: at ``campaign`` of one provider, then in the console ``other`` of the other, for its
    ``customer``."""
    return (
        "What there is to do; every page of a campaign has these steps at its top:",
        f"1. open the campaign, read why it was flagged and what speaks against it: {campaign}",
        "2. “Open a case”, then “Judge who is behind it”, with a reason",
        "3. “Preview a share”: ours beside what leaves; “Propose this share”, then “Approve these bytes”",
        f"4. at provider B “Fetch what is new”: the campaign stands first, with what it came through: {other}/feed",
        f"5. see why {customer} is held back: {other}/gateway/account?id={customer}",
        f"6. take its appeal in, “Uphold, and clear everywhere”: {other}/appeals?account={customer}",
    )


def found_campaign(provider: Desk, url: str) -> str:
    """The address of the gravest campaign that a provider found."""
    document = msgspec.json.decode((provider.folder / "stillwatch-out" / "campaigns.json").read_bytes(), type=Campaigns)
    return f"{url}/campaigns/{by_severity(document.campaigns)[0].id}"


def show(address: str) -> None:
    """Open an address in the person's browser."""
    webbrowser.open(address)


def is_desktop() -> bool:
    """Whether a person sits before a screen here."""
    shown = os.name == "nt" or sys.platform == "darwin" or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
    return sys.stderr.isatty() and bool(shown)


def _served(desk: Desk, processes: Processes, *options: str) -> str:
    for name, role in USERS.items():
        desk.call("console", "user", "add", name, "--role", role, "--password-stdin", typed=f"{PASSWORD}\n")
    port = free_port()
    tell(f"   {desk.who}$ stillwatch console --port {port} {' '.join(options)}")
    command = [sys.executable, "-m", "stillwatch", "console", "--port", str(port), *options]
    url = f"http://localhost:{port}"
    processes.start(command, f"{url}/sign-in", desk.folder / "console.log", desk.folder)
    return url
