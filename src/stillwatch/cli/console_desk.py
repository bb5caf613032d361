"""The console's desk, opened: what the console wants of its neighbours, given by this floor, which knows them all."""

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
    return Desk(settings, Scan(settings.scan), Database(settings.users), provider=provider)
