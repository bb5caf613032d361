"""The normal form of an account name: a handle or display name that somebody chose.

Rules: case and compatible characters do not count (NFKC, case folding), nor do characters that nobody sees (Unicode
Default_Ignorable_Code_Point); blanks in a row are one. Letters that look alike in two scripts stay different: to merge them would
make one name of two people's.

>>> normal_account("Ａcme\\u200b  LABS")
'acme labs'
"""

from stillwatch.sharing.tokens.forms.text import UNSEEN, folded, plain

KIND = "account-name"


def normal_account(value: str) -> str:
    """The name in its one spelling. Raises IdentifierRefused if nothing is left of it."""
    seen = UNSEEN.sub("", value)
    return plain(" ".join(UNSEEN.sub("", folded(plain(seen, KIND))).split()), KIND)
