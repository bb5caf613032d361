"""Exchange policies: what a recipient may do with what it gets, as FIRST's Information Exchange Policy 2.0 says it.

Rules: one policy for each TLP level, the same for everybody; it travels as a marking definition with our extension and stands
beside the TLP marking. Each provider decides alone what it does: the policies permit, they ask for nothing. IEP 2.0 is older than
TLP 2.0 and has no word for *clear* and *amber+strict*; its ``tlp`` holds the words of TLP 2.0 here.

>>> policy_marking(TLP.AMBER).name
'IEP:INTERNALLY-VISIBLE-ACTIONS'
"""

from typing import Literal

from stillwatch.sharing.stix.extensions import ExchangePolicy
from stillwatch.sharing.stix.ids import statement_id
from stillwatch.sharing.stix.objects import Extensions, MarkingDefinition
from stillwatch.sharing.stix.project import PROJECT, PUBLISHED
from stillwatch.sharing.stix.tlp import TLP

_Actions = Literal["internally-visible-actions", "externally-visible-direct-actions"]


def policy_marking(level: TLP) -> MarkingDefinition:
    """The exchange policy that goes with a TLP level.

    Up to green, actions that outsiders can see are permitted; from amber on only those that stay within the recipient's systems.
    What is not clear must be encrypted in transit; nothing may be resold, and the source is not named to others.
    """
    actions: _Actions = "externally-visible-direct-actions" if level.width < TLP.AMBER.width else "internally-visible-actions"
    name = statement_id("marking-definition", "exchange-policy", level)
    return MarkingDefinition(
        id=name,
        spec_version="2.1",
        created=PUBLISHED,
        created_by_ref=PROJECT.id,
        name=f"IEP:{actions.upper()}",
        extensions=Extensions(
            policy=ExchangePolicy(
                id=name.partition("--")[2],
                name=f"Stillwatch TLP:{level.upper()}",
                iep_version="2.0",
                start_date=PUBLISHED,
                encrypt_in_transit="may" if level is TLP.CLEAR else "must",
                permitted_actions=actions,
                affected_party_notifications="must-not" if level.width >= TLP.AMBER.width else "may",
                tlp=level.value,
                attribution="must-not",
                unmodified_resale="must-not",
            )
        ),
    )
