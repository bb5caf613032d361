"""The catalogues as values."""

import json
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "catalogue"

LATER = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
HOSTILE_FILES = ("hostile_texts", "hostile_disguises", *(f"hostile_{which}" for which in LATER))
LEGITIMATE_FILES = ("legitimate_texts", *(f"legitimate_{which}" for which in LATER))


def texts(name: str) -> dict[str, list[str]]:
    """The texts of a catalogue file, by kind."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def hostile_texts() -> list[str]:
    return [text for name in HOSTILE_FILES for listed in texts(name).values() for text in listed]


def legitimate_texts() -> list[str]:
    return [text for name in LEGITIMATE_FILES for text in texts(name)["texts"]]


def lines(name: str) -> list[dict[str, Any]]:
    """The objects of a catalogue file."""
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


def campaign(**fields: Any) -> dict[str, Any]:
    """A campaign with these fields (synthetic)."""
    return {
        "type": "campaign",
        "spec_version": "2.1",
        "id": "campaign--1c9e5a0e-7b1f-4d2c-9a44-1f0f6b5f2d11",
        "created": "2026-09-12T08:00:00.000Z",
        "modified": "2026-09-12T08:00:00.000Z",
        "name": "Pool",
        **fields,
    }
