"""The normal form of a client fingerprint: JA4 and its family, JA3, a digest of HTTP settings.

Rules: visible ASCII in lower case, in which all these schemes are written; their makers' separators stay.

>>> normal_client("T13D1516H2_8DAAF6152771_B186095E22B6")
't13d1516h2_8daaf6152771_b186095e22b6'
"""

from stillwatch.sharing.tokens.forms.text import opaque

KIND = "client-fingerprint"


def normal_client(value: str) -> str:
    """The fingerprint in lower case. Raises IdentifierRefused if it is none."""
    return opaque(value, KIND).lower()
