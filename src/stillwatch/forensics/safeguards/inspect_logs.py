"""Answers from evaluation logs of Inspect (inspect_ai): what was asked and answered, by sample.

Read are ``.json`` logs and ``.eval`` archives (a zip with ``samples/*.json``), of which only ``id``, ``epoch``, ``input`` and
``output`` are looked at. Format: https://inspect.aisi.org.uk/eval-logs.html

>>> answers_of({"samples": [{"id": 7, "input": "Hi", "output": {"choices": [{"message": {"content": "Hello"}}]}}]})
{'7': 'Hello'}
"""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stillwatch.errors import NoReadableInput

_LARGEST_MEMBER = 64 * 1024 * 1024
"""A sample that unpacks to more than this many bytes is refused."""


def read_answers(path: Path) -> dict[str, str]:
    """The first epoch's answer of every sample, by sample id. Raises NoReadableInput if the file is no such log."""
    try:
        log = {"samples": list(_members(path))} if zipfile.is_zipfile(path) else json.loads(path.read_bytes())
        answers = answers_of(log)
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError, zipfile.BadZipFile, RecursionError) as error:
        raise NoReadableInput(
            f"no log of Inspect: {error}", place=str(path), cure="name a .json or .eval log, unpacked or packed with deflate"
        ) from error
    if not answers:
        raise NoReadableInput("the log holds no answered sample", place=str(path), cure="name a finished evaluation's log")
    return answers


def answers_of(log: Mapping[str, Any]) -> dict[str, str]:
    """The answers in a decoded log, by sample id."""
    answers: dict[str, str] = {}
    for sample in log["samples"]:
        choices = (sample.get("output") or {}).get("choices") or []
        if choices:
            answers.setdefault(str(sample["id"]), _text(choices[0]["message"]["content"]))
    return answers


def _members(path: Path) -> Iterable[Any]:
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda info: info.filename):
            if member.filename.startswith("samples/") and member.filename.endswith(".json"):
                if member.file_size > _LARGEST_MEMBER:
                    raise ValueError(f"{member.filename} unpacks to {member.file_size} bytes")
                yield json.loads(archive.read(member))


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part.get("type") == "text")
