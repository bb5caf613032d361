"""Numbers of cards, bank accounts and wallets in a text.

>>> has_payment_number("4111-1111 1111.1111"), has_payment_number("GB82 WEST 1234 5698 7654 32")
(True, True)
>>> has_payment_number("1725955200000000")
False
"""

import re

_CARD = re.compile(r"(?<![\d.])(?=[3-6]|2[ -]?(?:2[2-9]|[3-6]|7[01]))\d(?:[ \-.·_/]{0,2}\d){12,18}(?!\d)")
_CARD_PART = re.compile(
    r"\bcards?\b.{0,30}?\b(?:ending|ends|last|final|letzte|terminad|finissant)\b.{0,20}?\d{4}\b"
    r"|\b\d{4,6}[ -]?[xX*•]{4,}[ -xX*•]*\d{4}\b",
    re.I,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])")
_FEWEST_DIGITS = 10
_WALLET = re.compile(
    r"(?<!\w)(?:paypal\.me/\w+|cash\.app/\$?\w+|bc1[a-z0-9]{25,62}|(?=\w*[a-z])(?=\w*[A-Z])[13][1-9A-HJ-NP-Za-km-z]{25,34}"
    r"|0x[0-9a-fA-F]{40}"
    r"|T[1-9A-HJ-NP-Za-km-z]{33})(?!\w)"
)


def has_payment_number(text: str) -> bool:
    """Whether the number of a card (ISO/IEC 7812, with its check digit) or an IBAN (ISO 13616) is in the text."""
    return any(_is_card(found[0]) for found in _CARD.finditer(text)) or any(_is_iban(found[0]) for found in _IBAN.finditer(text))


def has_card_part(text: str) -> bool:
    """Whether the last figures of a card are in the text."""
    return _CARD_PART.search(text) is not None


def has_wallet(text: str) -> bool:
    """Whether the address of a wallet (Bitcoin, Ethereum, Tron) is in the text."""
    return _WALLET.search(text) is not None


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    return 13 <= len(digits) <= 19 and luhn(digits)


def luhn(digits: list[int]) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).

    >>> luhn([7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3])
    True
    """
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    bare = re.sub("[ -]", "", text).upper()
    if not 15 <= len(bare) <= 34 or sum(map(str.isdigit, bare)) < _FEWEST_DIGITS:
        return False
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1
