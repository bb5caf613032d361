"""The two streams of a command: its result on standard output, everything that it says to the person on standard error."""

import sys
from typing import Any

import msgspec
from rich.console import Console


def print_json(result: Any) -> None:
    """The result as one indented JSON document; what JSON has no form for is written as text."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(result, enc_hook=str), indent=1).decode() + "\n")


def tell(text: str) -> None:
    """A message, on one line however long."""
    Console(stderr=True).print(text, soft_wrap=True, highlight=False, markup=False)
