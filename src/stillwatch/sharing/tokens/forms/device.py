"""The normal form of a device id.

Rules: a UUID in any usual spelling (capitals, braces, ``urn:uuid:``, without hyphens) is one in lower case with hyphens; anything
else is opaque, its case counts. The UUID of zeros is refused: every device that hides its id shows it.

>>> normal_device("{6F9619FF-8B86-4011-B42D-00C04FC964FF}")
'6f9619ff-8b86-4011-b42d-00c04fc964ff'
"""

import re
import uuid

from stillwatch.sharing.tokens.forms.text import opaque, refused

KIND = "device-id"
_HEX = "[0-9a-f]"
_UUID = re.compile(rf"(?:urn:uuid:|\{{)?{_HEX}{{8}}(-?){_HEX}{{4}}\1{_HEX}{{4}}\1{_HEX}{{4}}\1{_HEX}{{12}}\}}?", re.IGNORECASE)


def normal_device(value: str) -> str:
    """The id in its one spelling. Raises IdentifierRefused if it is none."""
    text = opaque(value, KIND)
    if not _UUID.fullmatch(text):
        return text
    number = uuid.UUID(text)
    if number.int == 0:
        raise refused("it is the id of zeros, which stands for no device", KIND, "leave the line out")
    return str(number)
