"""The shelf: the folder of published snapshots, and which of them is in force.

Rules: a snapshot is written once and never changed; the file ``current`` names the one in force and is replaced in one step, so a
gateway that looks sees the old or the new one. Numbers only grow, also after a rollback. The newest KEPT stay for rollback.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.errors import OutputNotWritten, UsageError
from stillwatch.gateway.policy_file import NotAPolicy
from stillwatch.gateway.snapshot import snapshot_file
from stillwatch.gateway.snapshot.snapshot import Snapshot, snapshot_from
from stillwatch.gateway.snapshot.snapshot_file import SnapshotRefused

KEPT = 5


class _Pointer(msgspec.Struct, frozen=True):
    """``current``: number of the snapshot in force, 0 for none; ``last``: the greatest number ever given."""

    current: int = 0
    last: int = 0


class Shelf:
    """The snapshots in ``folder``; ``trusted``: keys whose signature counts."""

    def __init__(self, folder: Path, trusted: Sequence[Ed25519PublicKey]) -> None:
        self._folder = folder
        self._trusted = trusted

    def current(self) -> int:
        """The number of the snapshot in force, 0 if there is none. Raises SnapshotRefused if that cannot be known."""
        return self._pointer().current

    def numbers(self) -> list[int]:
        """The numbers of all snapshots that are here, ascending."""
        return sorted(int(path.stem) for path in self._folder.glob("*.snapshot") if path.stem.isdigit())

    def load(self, number: int | None = None) -> Snapshot:
        """The snapshot of this number, or the one in force. Raises SnapshotRefused."""
        wanted = self.current() if number is None else number
        path = self._path(wanted)
        if not wanted:
            raise SnapshotRefused("no snapshot was published yet", place=str(path.parent), cure="run `stillwatch gateway build`")
        about, arrays = snapshot_file.read(path, self._trusted)
        try:
            snapshot = snapshot_from(about, arrays)
        except (msgspec.ValidationError, KeyError, ValueError, NotAPolicy) as error:
            raise SnapshotRefused(f"it is no snapshot of this version: {error}", place=str(path), cure="build it again") from error
        if snapshot.number != wanted:
            raise SnapshotRefused(f"it is number {snapshot.number} under another name", place=str(path), cure="build it again")
        return snapshot

    @contextmanager
    def publishing(self) -> Iterator[int]:
        """The number for a new snapshot, kept from other publishers while the block runs."""
        with self._locked():
            yield max([self._known_pointer().last, *self.numbers()]) + 1

    def publish(self, snapshot: Snapshot, key: Ed25519PrivateKey) -> Path:
        """Put a snapshot on the shelf and in force; within ``publishing``. Raises OutputNotWritten."""
        path = self._path(snapshot.number)
        snapshot_file.write(path, snapshot.arrays(), msgspec.to_builtins(snapshot.about), key)
        self._point(_Pointer(snapshot.number, snapshot.number))
        for number in self.numbers()[:-KEPT]:
            self._path(number).unlink(missing_ok=True)
        return path

    def rollback(self, to: int | None = None) -> tuple[int, int]:
        """Put an earlier snapshot in force again: number ``to``, else the one before that in force; the numbers before and after.

        Raises UsageError if there is no such snapshot, SnapshotRefused if it is not whole.
        """
        with self._locked():
            pointer = self._known_pointer()
            earlier = [number for number in self.numbers() if number < pointer.current]
            target = to if to is not None else max(earlier, default=0)
            if target not in self.numbers():
                wanted = f"no snapshot {to}" if to is not None else f"nothing before snapshot {pointer.current}"
                raise UsageError(wanted, place=str(self._folder), cure=f"here are {', '.join(map(str, self.numbers())) or 'none'}")
            self.load(target)
            self._point(_Pointer(target, pointer.last))
        return pointer.current, target

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.snapshot"

    def _pointer(self) -> _Pointer:
        path = self._folder / "current"
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Pointer)
        except FileNotFoundError:
            return _Pointer()
        except (OSError, msgspec.MsgspecError) as error:
            cure = "build a snapshot, or name one with `stillwatch gateway rollback --to`"
            raise SnapshotRefused(f"which snapshot is in force cannot be read: {error}", place=str(path), cure=cure) from error

    def _known_pointer(self) -> _Pointer:
        """The pointer, or one that starts anew where it is damaged: the next write mends it."""
        try:
            return self._pointer()
        except SnapshotRefused:
            return _Pointer(0, max(self.numbers(), default=0))

    def _point(self, pointer: _Pointer) -> None:
        try:
            descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".current.")
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(pointer))
                os.fchmod(file.fileno(), 0o644)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self._folder / "current")
        except OSError as error:
            what = f"the snapshot could not be put in force ({error.strerror})"
            raise OutputNotWritten(what, place=str(self._folder), cure="make the folder writable") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / ".lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
        except OSError as error:
            what = f"the folder of snapshots cannot be written ({error.strerror})"
            raise OutputNotWritten(what, place=str(self._folder), cure="make it writable") from error
