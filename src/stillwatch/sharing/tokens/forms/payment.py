"""The normal form of a payment fingerprint: what a payment processor gives out in place of a card or an account.

Rules: it is opaque, its case counts. A card number is refused: it must not come here at all (PCI DSS), and fingerprints compare
between providers only where both have them from the same processor under the same scheme.

>>> normal_payment(" fp_Xt5EWLLDS7FJ ")
'fp_Xt5EWLLDS7FJ'
"""

import re

from stillwatch.sharing.tokens.forms.text import opaque, refused

KIND = "payment-fingerprint"
_CARD = re.compile(r"[0-9](?:[ -]?[0-9]){11,18}")


def normal_payment(value: str) -> str:
    """The fingerprint without blanks around it. Raises IdentifierRefused if it is none, or a card number."""
    if _CARD.fullmatch(value.strip()) and _luhn(re.sub("[ -]", "", value.strip())):
        raise refused("this is a card number, not a fingerprint", KIND, "give the fingerprint that the processor made of it")
    return opaque(value, KIND)


def _luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1, annex B."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
