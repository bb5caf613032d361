"""A call: one request as the end points need it, who it comes from already known."""

from dataclasses import dataclass

from stillwatch.hub.access.directory import ApiRoot, Collection, Directory
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.store.objects import Scope
from stillwatch.hub.taxii.filters import NEWEST, Filter, FilterError, VersionMatch, read_filter
from stillwatch.hub.taxii.problem import Problem, not_found


@dataclass(frozen=True)
class Call:
    """A request: by whom, at what time (microseconds), under what base URL, with which names in its path and which query."""

    viewer: Viewer
    directory: Directory
    now: int
    base: str
    names: dict[str, str]
    query: str

    @property
    def root(self) -> ApiRoot:
        """The API root that is called. Raises Problem 404."""
        found = self.directory.roots.get(self.names["root"])
        if found is None:
            raise not_found("API root")
        return found

    @property
    def collection(self) -> Collection:
        """The collection that is called, if this viewer may do anything with it. Raises Problem 404."""
        found = self.directory.collection(self.root.name, self.names["collection"], self.viewer)
        if found is None:
            raise not_found("collection")
        return found

    @property
    def readable(self) -> Collection:
        """The same, if this viewer may read it. Raises Problem 404 or 403."""
        found = self.collection
        if not found.may_read(self.viewer):
            raise Problem(403, "you may not read this collection (can_read is false)")
        return found

    @property
    def writable(self) -> Collection:
        """The same, if this viewer may add to it. Raises Problem 404 or 403."""
        found = self.collection
        if not found.may_write(self.viewer):
            raise Problem(403, "you may not add to this collection (can_write is false)")
        return found

    def scope(self, collection: Collection) -> Scope:
        """What this viewer sees of a collection."""
        seen = None if self.viewer.is_operator else self.directory.admitting(self.viewer, self.now)
        return Scope(collection.number, seen, self.viewer.member.id)

    def filter(self, fields: frozenset[str], unsaid: VersionMatch = NEWEST) -> Filter:
        """What the query asks for; ``unsaid``: the versions if it names none. Raises Problem 400."""
        try:
            return read_filter(self.query, fields, unsaid)
        except FilterError as error:
            raise Problem(400, str(error)) from error
