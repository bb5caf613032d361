import pytest

from .world import Browser, desk_at


@pytest.fixture
def desk(tmp_path):
    return desk_at(tmp_path)


@pytest.fixture
def analyst(desk):
    return Browser(desk).signed_in("analyst")
