"""The console's desk, opened: what the console wants of its neighbours, given by this floor, which knows them all."""

from pathlib import Path

from stillwatch.cli.console.exchange import HubOfSettings
from stillwatch.cli.console.gateway import Gateway
from stillwatch.cli.console.hub import HubByUrl, OperatorOfHub
from stillwatch.cli.console.logs import RequestLogs
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
    return Desk(
        settings,
        Scan(settings.scan),
        Database(settings.users),
        gateway=Gateway(settings.gateway, settings.requests, settings.accounts) if settings.gateway else None,
        hub=_hub(settings),
        logs=RequestLogs(settings.requests, settings.accounts, settings.config) if settings.requests else None,
        exchange=HubOfSettings(settings.config, settings.feed),
        provider=provider,
    )


def _hub(settings: Settings) -> HubByUrl | OperatorOfHub | None:
    """The hub that is named; of a folder, we are its operator."""
    if not settings.hub:
        return None
    if settings.hub.startswith(("http://", "https://")):
        return HubByUrl(settings.hub, settings.hub_key, settings.config)
    return OperatorOfHub(Path(settings.hub))
