"""OAuth 2.0 client credentials from end to end: the exchange's client at the hub's own token end point."""

import httpx
import pytest

from stillwatch.hub.access.bearer import LIFETIME_SECONDS
from stillwatch.hub.store import registry
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import NotLetIn
from stillwatch.sharing.exchange.peer import Peer
from tests.hub.test_operation import InProcess
from tests.hub.world import World

URL = "http://127.0.0.1/"
TOKENS = f"{URL}oauth2/token"


class Watched(InProcess):
    """Notes which addresses were asked, and how."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.path, request.headers["authorization"].partition(" ")[0]))
        return super().handle_request(request)


def connected(world: World, way: Watched, member: str, key: str) -> Connection:
    return Connection(Peer.at(URL, member, key, token_url=TOKENS), transport=way)


@pytest.mark.parametrize("name", ["provider-a", "Synthetic Provider & Söhne: 100 %+"])
def test_a_member_asks_for_a_token_and_uses_it_until_its_end(world: World, name: str) -> None:
    way = Watched(world)
    with connected(world, way, world.member(name), world.keys[name]) as connection:
        for _ in range(2):
            assert connection.get(f"{URL}taxii2/").status == 200
        assert way.asked == [("/oauth2/token", "Basic"), ("/taxii2/", "Bearer"), ("/taxii2/", "Bearer")]
        world.clock.now += (LIFETIME_SECONDS + 1) * 1_000_000
        assert connection.get(f"{URL}taxii2/").status == 200
        assert way.asked[3:] == [("/taxii2/", "Bearer"), ("/oauth2/token", "Basic"), ("/taxii2/", "Bearer")]


def test_a_key_that_is_revoked_gets_no_token_and_its_token_ends(world: World) -> None:
    way = Watched(world)
    with connected(world, way, world.member("a"), world.keys["a"]) as connection:
        connection.get(f"{URL}taxii2/")
        with world.hub.database.writing() as writing:
            registry.revoke_key(writing, world.keys["a"].split("_")[1], 1)
        with pytest.raises(NotLetIn, match="invalid_client"):
            connection.get(f"{URL}taxii2/")


def test_a_token_is_given_for_the_right_name_and_key_only(world: World) -> None:
    world.member("a"), world.member("b")
    for name, key in (("b", world.keys["a"]), ("a", "swk_wrong")):
        with connected(world, Watched(world), name, key) as connection, pytest.raises(NotLetIn):
            connection.get(f"{URL}taxii2/")
