"""Files that move while they are read."""

from pathlib import Path

import pytest

from stillwatch.errors import EngineFailed
from stillwatch.traffic.engines.standing import check_same, standing


def test_files_that_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one")
    check_same(standing([tmp_path / "a"]), standing([tmp_path / "a"]))


@pytest.mark.parametrize("then", ["grown", "gone", "new"])
def test_a_file_that_grows_goes_or_appears_is_named(tmp_path: Path, then: str) -> None:
    path = tmp_path / "a"
    path.write_text("one")
    before = standing([path]) if then != "new" else {}
    if then == "grown":
        path.write_text("one more")
    if then == "gone":
        path.unlink()
    with pytest.raises(EngineFailed, match="changed while it was read") as caught:
        check_same(before, standing([path]))
    assert caught.value.place == str(path)
