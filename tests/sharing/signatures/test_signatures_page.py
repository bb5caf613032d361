"""docs/signatures.md and docs/ledger.md say what the code does."""

import re
from pathlib import Path

from stillwatch.sharing.ledger.entry import KINDS
from stillwatch.sharing.ledger.export import Head
from stillwatch.sharing.signatures.keyring import read_ring
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, SIGNATURE_EXTENSION_NAME, BatchSignature
from stillwatch.sharing.signatures.verification import Fault

DOCS = Path(__file__).resolve().parents[3] / "docs"
SIGNATURES = (DOCS / "signatures.md").read_text("utf-8")
LEDGER = (DOCS / "ledger.md").read_text("utf-8")


def test_the_key_ring_on_the_page_is_one(tmp_path: Path) -> None:
    (tmp_path / "ring.toml").write_text(SIGNATURES.partition("```toml\n")[2].partition("```")[0], "utf-8")
    assert len(read_ring(tmp_path / "ring.toml").keys) == 1


def test_the_extension_on_the_page_is_ours() -> None:
    assert SIGNATURE_EXTENSION_ID in SIGNATURES
    assert SIGNATURE_EXTENSION_NAME in SIGNATURES
    shown = SIGNATURES.partition("```json\n")[2].partition("```")[0]
    assert re.findall(r'^ +"([a-z_]+)":', shown, re.MULTILINE) == ["algorithm", *BatchSignature.__struct_fields__]


def test_every_fault_every_kind_and_every_field_is_explained() -> None:
    assert all(f"`{fault}`" in SIGNATURES for fault in Fault)
    assert all(f"`{kind}`" in LEDGER for kind in KINDS)
    assert all(f"`{field}`" in LEDGER for field in Head.__struct_fields__)
