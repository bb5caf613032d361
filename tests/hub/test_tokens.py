"""The token service: right answers, quotas, epochs, the record; and two holders of whom neither sees an identifier nor a token."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from stillwatch.hub.access.member import Role
from stillwatch.hub.backup import backup
from stillwatch.hub.hub import HubSettings
from stillwatch.hub.tokens.register import Register, write_register
from stillwatch.hub.tokens.service import TokenFiles
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.tokens.group import scalar
from stillwatch.sharing.tokens.oprf import blind, finalize
from stillwatch.sharing.tokens.proof import verifies
from stillwatch.sharing.tokens.suite import KeyPair, Mode
from stillwatch.sharing.tokens.token import VALUE_SIZE
from stillwatch.sharing.tokens.tokeniser import KeyTokeniser
from tests.cli.commands import run
from tests.hub.served import Served
from tests.hub.world import World

FORMS = [b"email\x1fjane@example.com", b"device-id\x1fdev-1"]
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class Holder:
    """The token service of a world, with one open epoch and a quota of 10 for member ``a``."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = datetime.fromtimestamp(world.clock.now / 1e6, UTC)
        self.files = TokenFiles(world.hub.state)
        for name in ("a", "b"):
            world.member(name)
        self.key: KeyPair = self.files.draw("e1")
        self.register = Register().opened("e1", self.now - timedelta(days=1), self.now + timedelta(days=1)).allowing("a", 10)
        write_register(self.register, self.files.register)

    def ask(self, elements: list[bytes], epoch: str = "e1", member: str = "a", **more: Any) -> httpx.Response:
        body = {"epoch": epoch, "elements": [base64.b64encode(each).decode() for each in elements], **more}
        auth = (member, self.world.keys[member])
        answer: httpx.Response = self.world.http.post("/tokens/evaluations/", content=json.dumps(body), auth=auth, headers=JSON)  # type: ignore[assignment]
        return answer


@pytest.fixture
def holder(world: World) -> Holder:
    return Holder(world)


def test_the_answers_prove_themselves_and_are_those_of_the_key(holder: Holder) -> None:
    blinding = blind(FORMS, Mode.VOPRF)
    answer = holder.ask(list(blinding.elements)).json()
    evaluated, proof = [base64.b64decode(each) for each in answer["elements"]], base64.b64decode(answer["proof"])
    assert verifies(proof, holder.key.public, blinding.elements, evaluated)
    values = [output[:VALUE_SIZE] for output in finalize(blinding, evaluated)]
    assert values == KeyTokeniser("e1", holder.key).values(FORMS)


def test_what_is_offered(holder: Holder) -> None:
    auth = ("a", holder.world.keys["a"])
    offered = holder.world.http.get("/tokens/", auth=auth).json()
    assert [(each["epoch"], each["public"]) for each in offered["epochs"]] == [("e1", holder.key.public.hex())]
    assert offered["per_day"] == 10
    assert holder.world.http.get("/tokens/").status_code == 401


def test_a_quota_is_for_a_day(holder: Holder) -> None:
    elements = list(blind(FORMS * 3, Mode.VOPRF).elements)
    assert [holder.ask(elements).status_code for _ in range(2)] == [200, 429]
    spent = holder.ask(elements)
    assert 0 < int(spent.headers["retry-after"]) <= 86_401
    assert holder.ask(elements[:4]).status_code == 200, "what is left can be used"
    holder.world.clock.now += int(spent.headers["retry-after"]) * 1_000_000
    assert holder.ask(elements).status_code == 200
    assert holder.ask(elements, member="b").status_code == 403, "who has no quota has none"


def test_epochs_open_overlap_and_close(holder: Holder) -> None:
    elements = list(blind(FORMS, Mode.VOPRF).elements)
    assert holder.ask(elements, "e2").status_code == 409
    holder.files.draw("e2")
    rotated = holder.register.opened("e2", holder.now, None)
    write_register(rotated, holder.files.register)
    assert [holder.ask(elements, name).status_code for name in ("e1", "e2")] == [200, 200]
    write_register(rotated.closed("e1", holder.now), holder.files.register)
    assert [holder.ask(elements, name).status_code for name in ("e1", "e2")] == [409, 200]
    assert holder.ask(elements[:1], "e2").status_code == 200, "what was refused for its epoch cost nothing"


@pytest.mark.parametrize(("elements", "epoch", "status"), [
    ([], "e1", 422), ([bytes(32)], "e1", 422), ([b"\xff" * 32], "e1", 422), ([b"short"], "e1", 422), ([bytes(33)], "e1", 422),
    ([b"\xe2" * 32] * 4097, "e1", 422), ([bytes(32)], "", 422), ([bytes(32)], "x" * 41, 422), ([bytes(32)], "\0", 409),
])  # fmt: skip
def test_bad_batches(holder: Holder, elements: list[bytes], epoch: str, status: int) -> None:
    assert holder.ask(elements, epoch).status_code == status


def test_the_way_must_be_safe_and_the_key_may_write(holder: Holder) -> None:
    elements = list(blind(FORMS, Mode.VOPRF).elements)
    auth = ("a", holder.world.keys["a"])
    body = json.dumps({"epoch": "e1", "elements": [base64.b64encode(each).decode() for each in elements]})
    headers = JSON | {"X-Forwarded-Proto": "http"}
    assert holder.world.http.post("/tokens/evaluations/", content=body, auth=auth, headers=headers).status_code == 403


def test_without_a_register_there_is_no_service(world: World) -> None:
    world.member("a", Role.MEMBER)
    assert world.http.get("/tokens/", auth=("a", world.keys["a"])).status_code == 404


def test_every_request_is_recorded_and_no_element_is(holder: Holder) -> None:
    elements = list(blind(FORMS, Mode.VOPRF).elements)
    holder.ask(elements)
    holder.ask(elements, "e9")
    entries = [entry for entry in holder.world.hub.ledger.entries() if entry.kind == "token-request"]
    assert [(entry.actor, entry.subject, entry.details["elements"], entry.details["answered"]) for entry in entries] == [
        ("a", "e1", 2, True),
        ("a", "e9", 2, False),
    ]
    assert base64.b64encode(elements[0]).decode() not in json.dumps([entry.details for entry in entries])


def test_a_backup_has_the_service(holder: Holder, tmp_path: Path) -> None:
    holder.ask(list(blind(FORMS * 5, Mode.VOPRF).elements))
    backup(HubSettings(holder.world.hub.state), tmp_path / "copy")
    copied = TokenFiles(tmp_path / "copy")
    assert copied.key("e1").public == holder.key.public and copied.usage.exists()
    assert copied.seed("e1").stat().st_mode & 0o077 == 0


@pytest.fixture
def split(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A hub and a second holder, served; a member that knows the public keys of both."""
    served, keys, publics = {}, {}, {}
    for name in ("hub", "holder"):
        asked = ("--state", name, "--json")
        for given in (["init"], ["token", "open", "e1"]):
            publics[name] = json.loads(run("hub", *given, *asked, cwd=tmp_path).stdout).get("public")
        keys[name] = json.loads(run("hub", "member", "add", "a", *asked, cwd=tmp_path).stdout)["key"]
        assert run("hub", "token", "quota", "a", "100", "--state", name, cwd=tmp_path).returncode == 0
        command = ("hub", "serve") if name == "hub" else ("hub", "token-holder")
        served[name] = Served(tmp_path / name, command=command)
        (tmp_path / f"{name}.key").touch(mode=0o600)
        (tmp_path / f"{name}.key").write_text(keys[name])
    (tmp_path / "stillwatch.toml").write_text('token_epoch = "e1"\ntoken_holders = "token-holders.json"\n')
    yield {"served": served, "publics": publics, "folder": tmp_path}
    for each in served.values():
        each.stop()


def test_a_key_in_two_hands(split: dict[str, Any]) -> None:
    folder: Path = split["folder"]
    (folder / "list.csv").write_text("email,jane@example.com\ndevice-id,dev-1\nemail,nobody\n")
    for name, served in split["served"].items():
        pin = ("token", "holder", served.url, "--member", "a", "--key-file", f"{name}.key", "--expect")
        wrong = run(*pin, "0" * 64, cwd=folder)
        assert wrong.returncode == 3 and "none of the public keys" in wrong.stderr
        assert run(*pin, split["publics"][name], cwd=folder).returncode == 0
    made = run("token", "make", "list.csv", "--out", "out", "--json", cwd=folder)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout) == {"folder": "out", "lines": 3, "tokens": 2, "rejected": 1}
    shares = [TokenFiles(folder / name).key("e1") for name in ("hub", "holder")]
    whole = KeyPair.of(_sum(*(share.secret for share in shares)))
    written = (folder / "out" / "tokens.csv").read_text()
    for kind, value in (("email", "jane@example.com"), ("device-id", "dev-1")):
        expected = KeyTokeniser("e1", whole).values([f"{kind}\x1f{value}".encode()])[0]
        assert base64.urlsafe_b64encode(expected).decode().rstrip("=") in written
    for name in ("hub", "holder"):
        with Ledger.read(folder / name / "ledger.sqlite") as ledger:
            assert [entry.details["elements"] for entry in ledger.entries() if entry.kind == "token-request"] == [2]
    assert httpx.get(f"{split['served']['holder'].url}/taxii2/").status_code == 404, "a second holder is no hub"


def _sum(first: bytes, second: bytes) -> bytes:
    return scalar(int.from_bytes(first, "little") + int.from_bytes(second, "little"))
