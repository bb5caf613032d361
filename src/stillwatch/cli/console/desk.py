"""The console's desk, opened: what the console wants of its neighbours, given by this floor, which knows them all."""

from pathlib import Path

from stillwatch.cli.console.logs import RequestLogs
from stillwatch.cli.console.neighbours import Gateway, MemberOfHub, OperatorOfHub
from stillwatch.console.access.database import Database
from stillwatch.console.access.oidc import IdentityProvider, read_settings
from stillwatch.console.desk import Desk
from stillwatch.console.scans.result import Scan
from stillwatch.console.settings import Settings


def opened(settings: Settings) -> Desk:
    """The desk for these settings. Raises UsageError for settings of single sign-on that cannot be read."""
    provider = None
    if settings.oidc:
        provider = IdentityProvider(read_settings(settings.oidc), settings.oidc.parent, settings.origin)
    hub = None
    if settings.hub:
        remote = settings.hub.startswith(("http://", "https://"))
        hub = MemberOfHub(settings.hub, settings.hub_key) if remote else OperatorOfHub(Path(settings.hub))
    return Desk(
        settings,
        Scan(settings.scan),
        Database(settings.users),
        gateway=Gateway(settings.gateway) if settings.gateway else None,
        hub=hub,
        logs=RequestLogs(settings.requests) if settings.requests else None,
        provider=provider,
    )
