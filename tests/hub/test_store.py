"""The tables, and how what is asked of them is found."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from stillwatch.database.database import Database
from stillwatch.errors import NoReadableInput
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from stillwatch.hub.store import changes
from stillwatch.hub.store.changes import Sight
from stillwatch.hub.store.migration import MIGRATIONS
from stillwatch.hub.store.tables import metadata
from tests.hub.test_exchange import changes as heard
from tests.hub.world import World, indicator


def test_migrations_make_the_tables_that_the_program_uses(stored_world: World) -> None:
    with stored_world.hub.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_hub_of_the_first_tables_is_brought_up_to_date_by_init(tmp_path: Path) -> None:
    settings = HubSettings(tmp_path)
    database = Database.open(settings.url, 5)
    with database.writing() as connection:
        command.upgrade(MIGRATIONS._config(connection), "0001")
    database.close()
    with pytest.raises(NoReadableInput, match="of version 0001"):
        Hub.open(settings, Unexamined())
    hub = Hub.open(settings, Unexamined(), begin="Synthetic hub")
    world = World(hub)
    client = world.client(world.member("a"), world.collection())
    client.add(indicator(1))
    assert [change["id"] for change in heard(client)["changes"]] == [indicator(1)["id"]]
    hub.close()


def test_changes_come_in_portions_of_so_many_bytes(stored_world: World) -> None:
    client = stored_world.newcomer()
    client.add(*(indicator(number, description="x" * 1000) for number in range(6)))
    client.delete(f"/objects/{indicator(5)['id']}/")
    (collection,) = stored_world.hub.directory().collections
    sight, found, place = Sight([collection.number], None, 1), list[list[str]](), 0
    while True:
        with stored_world.hub.database.reading() as connection:
            portion = changes.after(connection, sight, place, 100, 3000)
        found.append([change.kind for change in portion.changes])
        place = portion.looked
        if not portion.more:
            break
    assert found == [["version"] * 2, ["version"] * 2, ["version", "removed"]]


def test_what_comes_next_is_found_without_going_through_collections(world: World) -> None:
    client = world.newcomer()
    client.add(indicator(1))
    query = changes.next_objects(Sight([1], [1], 1), 0, 100)
    words = str(query.compile(compile_kwargs={"literal_binds": True}))
    with world.hub.database.reading() as connection:
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {words}"))]
    assert plan == ["SEARCH objects USING COVERING INDEX ix_objects_feed (seq>?)"]
