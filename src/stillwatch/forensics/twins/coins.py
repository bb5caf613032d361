"""The coins: the sampler seeds of a request, fixed before anything is served and shown only when a twin is drawn.

Rules
- Seed 0 draws the answer that is served, seed 1 the twin that is withheld. Which of the two draws was served is thus chance that
  the provider made and nobody outside knows.
- All seeds of a request follow from one secret (HMAC-SHA-256, RFC 2104), so the provider keeps one secret, not a list.
- The commitment is SHA-256 over a random-looking nonce and the seeds (commit and reveal: Blum 1983). It stands in the signed
  serving record, so the twin cannot be drawn again until it suits.

>>> coins = coin_list(b"synthetic secret of 32 bytes....", "req-1")
>>> opens(coins.commitment, coins), len(coins.seeds)
(True, 2)
"""

import hashlib
import hmac

import msgspec

from stillwatch.errors import UsageError

SEEDS = 2
_LABEL = b"stillwatch.coins/1"
_LEAST_SECRET_BYTES = 32


class CoinList(msgspec.Struct, frozen=True):
    """What is revealed: ``nonce`` (64 hex digits) and the sampler ``seeds``, served first.

    Seeds are below 2**53, so that every JSON reader keeps them.
    """

    nonce: str
    seeds: tuple[int, ...]

    @property
    def commitment(self) -> str:
        """64 hex digits that fix the list without showing it."""
        return hashlib.sha256(_LABEL + msgspec.json.encode([self.nonce, *self.seeds])).hexdigest()


def coin_list(secret: bytes, request_id: str) -> CoinList:
    """The coins of one request. Raises UsageError if the secret is shorter than 32 bytes."""
    if len(secret) < _LEAST_SECRET_BYTES:
        raise UsageError(f"the secret has {len(secret)} bytes", place="coin secret", cure="make one with: openssl rand 32")
    nonce = _derived(secret, b"nonce", request_id).hex()
    seeds = tuple(int.from_bytes(_derived(secret, b"seed %d" % place, request_id)[:8], "big") >> 11 for place in range(SEEDS))
    return CoinList(nonce, seeds)


def opens(commitment: str, coins: CoinList) -> bool:
    """Whether the list is the one that was committed to."""
    return hmac.compare_digest(commitment, coins.commitment)


def _derived(secret: bytes, purpose: bytes, request_id: str) -> bytes:
    return hmac.new(secret, _LABEL + b"\0" + purpose + b"\0" + request_id.encode(), hashlib.sha256).digest()
