"""The project as the author of what is the same for everyone: definitions, technique entries, exchange policies.

Rules: such an object is a constant of a version of Stillwatch; it is not signed by members, and on receipt it is taken only if it
equals what this version holds under its id.

>>> PROJECT.name
'Stillwatch'
"""

import uuid
from datetime import UTC, datetime

from stillwatch.sharing.stix.objects import Identity

PUBLISHED = datetime(2026, 11, 1, tzinfo=UTC)
"""When the first version of what the project publishes was made."""

PROJECT = Identity(
    id=f"identity--{uuid.uuid5(uuid.NAMESPACE_URL, 'urn:stillwatch:project')}",
    spec_version="2.1",
    created=PUBLISHED,
    modified=PUBLISHED,
    name="Stillwatch",
    identity_class="organization",
    description="The open-source project that publishes the extensions, the taxonomy and the exchange policies used here.",
)
