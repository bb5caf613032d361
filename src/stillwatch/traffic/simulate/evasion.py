"""An adversary who adapts: what a campaign does against its detection, each means with a strength in [0, 1].

* ``jitter``: requests are put off by up to half a day (at 1), so that accounts do not run together.
* ``rotation``: payments, devices, addresses and e-mail patterns are shared by ever fewer accounts; from 0.5 on clients differ.
* ``paraphrase``: the fixed text comes in up to 320 wordings.
* ``volume``: volumes are spread as widely as people's.
* ``decoy``: up to nine in ten requests are ordinary ones.

Decoys are paid for: ``requests_per_answer`` says how much dearer a kept answer becomes.

>>> evading(CAMPAIGNS["queue"], Evasion(decoy=1.0)).ordinary
0.9
"""

from dataclasses import asdict, dataclass, replace

from stillwatch.errors import UsageError
from stillwatch.traffic.simulate.behaviour import Behaviour
from stillwatch.traffic.simulate.people import ORDINARY
from stillwatch.traffic.simulate.pools import PARAPHRASES

_MOST_DECOYS = 0.9
_MOST_DELAY_HOURS = 12.0


@dataclass(frozen=True)
class Evasion:
    """The strength of each means, in [0, 1]. Raises UsageError outside."""

    jitter: float = 0.0
    rotation: float = 0.0
    paraphrase: float = 0.0
    volume: float = 0.0
    decoy: float = 0.0

    def __post_init__(self) -> None:
        for name, strength in asdict(self).items():
            if not 0 <= strength <= 1:
                raise UsageError(f"a strength of {strength:g} for {name}", place="--evade", cure="strengths lie between 0 and 1")


NONE = Evasion()
"""No evasion at all."""


def evading(kind: Behaviour, evasion: Evasion) -> Behaviour:
    """The campaign as it behaves with this evasion."""
    kept = 1 - evasion.rotation
    identity = replace(
        kind.identity,
        payments=max(1, round(kind.identity.payments * kept)),
        devices=max(1, round(kind.identity.devices * kept)),
        patterns=max(1, round(kind.identity.patterns * kept)),
        address_pool=0 if evasion.rotation == 1 else round(kind.identity.address_pool / max(kept, 0.01)),
        sign_up_days=kind.identity.sign_up_days + 300 * evasion.rotation,
    )
    wordings = round(evasion.paraphrase * len(PARAPHRASES))
    middle, spread = kind.volume
    return replace(
        kind,
        identity=identity,
        client=None if evasion.rotation >= 0.5 else kind.client,
        before=PARAPHRASES[:wordings] if wordings else kind.before,
        after=("",) if wordings else kind.after,
        volume=(middle, spread + evasion.volume * max(0.0, ORDINARY.volume[1] - spread)),
        ordinary=max(kind.ordinary, _MOST_DECOYS * evasion.decoy),
        delay_hours=_MOST_DELAY_HOURS * evasion.jitter,
    )


def requests_per_answer(kind: Behaviour, evasion: Evasion) -> float:
    """Requests that the adversary pays for one answer that it keeps, as a multiple of the campaign's without evasion."""
    return (1 - kind.ordinary) / (1 - evading(kind, evasion).ordinary)
