"""A bookmark: up to where a member has taken in what a peer has, kept in a file that is changed whole.

Rules: it is moved only after what lies before it is in the feed on the disk, so whatever interrupts, nothing is left out; what is
fetched twice changes nothing. It belongs to one feed and one API root: another feed begins at the beginning.

>>> bookmark = BookmarkFile.of(getfixture("tmp_path"), "https://hub.example/hub/", Path("feed.sqlite"))
>>> bookmark.write(Bookmark("https://hub.example/hub/", cursor="c1"))
>>> bookmark.read().cursor
'c1'
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

import msgspec

from stillwatch.errors import NoReadableInput, OutputNotWritten
from stillwatch.sharing.signatures.whole_file import whole_file

_NAME_DIGITS = 16


class Bookmark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Places at the API root ``url``.

    ``cursor`` is that of the feed of changes and ``confirmed`` the last one that a receipt was given for; ``reached`` holds, by
    collection, the date up to which pages were read.
    """

    url: str
    cursor: str | None = None
    confirmed: str | None = None
    reached: dict[str, datetime] = {}
    schema: Literal["stillwatch.bookmark/1"] = "stillwatch.bookmark/1"

    def at(self, collection: str, reached: datetime | None) -> "Bookmark":
        """The bookmark with a collection's date moved on; None leaves it where it is."""
        return msgspec.structs.replace(self, reached=self.reached | {collection: reached}) if reached else self


@dataclass(frozen=True)
class BookmarkFile:
    """The file in which a bookmark is kept."""

    path: Path
    url: str

    @classmethod
    def of(cls, folder: Path, url: str, feed: Path) -> Self:
        """The file for a feed and an API root in the member's ``folder`` for exchanges."""
        name = hashlib.sha256(f"{url}\n{feed.resolve()}".encode()).hexdigest()[:_NAME_DIGITS]
        return cls(folder / f"bookmark-{name}.json", url)

    def read(self) -> Bookmark:
        """The bookmark; one at the beginning if there is none yet. Raises NoReadableInput if the file is none."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Bookmark)
        except FileNotFoundError:
            return Bookmark(self.url)
        except (OSError, msgspec.DecodeError) as error:
            cure = "start anew with --again; what is fetched twice changes nothing"
            raise NoReadableInput(f"no bookmark ({error})", place=str(self.path), cure=cure) from error

    def write(self, bookmark: Bookmark) -> None:
        """Move the bookmark. Raises OutputNotWritten."""
        write_state(self.path, bookmark)


def write_state(path: Path, state: msgspec.Struct) -> None:
    """Write something that must outlive the process, whole, for its owner only. Raises OutputNotWritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cure = "see to the folder that the setting `exchange` names"
        raise OutputNotWritten(f"the folder cannot be made ({error.strerror})", place=str(path.parent), cure=cure) from error
    with whole_file(path, what="the state of the exchange", mode=0o600) as file:
        file.write(msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
