"""The frame of the project: locked requirements, set-up, tasks, architecture, links of the documentation."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "stillwatch"
STATISTICS = [
    *sorted((SOURCE / "signals").glob("*.py")),
    *(SOURCE / "campaigns" / f"{name}.py" for name in ("significance", "weighing", "evaluation")),
]
INPUT_OUTPUT = {
    "asyncio",
    "glob",
    "http",
    "io",
    "mmap",
    "os",
    "pathlib",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
    "sys",
    "tempfile",
    "time",
    "urllib",
}
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+$")


def entries(name: str) -> list[str]:
    """The requirements of one lock file, each with its hashes."""
    return re.split(r"\n(?=\S)", (ROOT / "requirements" / name).read_text("utf-8").strip())


def pins(name: str) -> dict[str, set[str]]:
    """Name → versions (more than one where Pythons differ)."""
    found: dict[str, set[str]] = {}
    for entry in entries(name):
        matched = PINNED.match(entry)
        assert matched, f"{name}: neither pinned nor hashed: {entry[:80]}"
        found.setdefault(plain(matched[1]), set()).add(matched[2])
    return found


def plain(requirement: str) -> str:
    """The normalised name of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~! ;]", requirement)[0]).lower()


def declared() -> tuple[set[str], set[str]]:
    """The names that pyproject.toml asks for: to run, and to develop."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {plain(r) for r in project["project"]["dependencies"]}, {plain(r) for r in project["dependency-groups"]["dev"]}


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "uv.txt"])
def test_every_requirement_is_pinned_and_hashed_and_none_names_an_index(name: str) -> None:
    assert pins(name)
    assert "://" not in (ROOT / "requirements" / name).read_text("utf-8")
    assert "index-url" not in (ROOT / "requirements" / name).read_text("utf-8")


def test_the_lock_holds_what_the_project_declares() -> None:
    run, dev = declared()
    assert run <= pins("run.txt").keys()
    assert run | dev <= pins("dev.txt").keys()


def test_developers_run_what_users_run() -> None:
    developers = pins("dev.txt")
    assert {name: developers.get(name) for name in pins("run.txt")} == pins("run.txt")


def imported(path: Path) -> Iterator[str]:
    """Top-level names of what a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


INSIDE = {"fastapi", "litellm", "tokenizers", "torch", "transformers", "vllm"}
"""Programs that our adapters run inside, and that are there when they do."""


def test_what_is_imported_is_declared() -> None:
    import_names = {"argon2": "argon2-cffi", "fpdf": "fpdf2", "ibis": "ibis-framework"}
    run, _ = declared()
    outside = {name for path in SOURCE.rglob("*.py") for name in imported(path)} - set(sys.stdlib_module_names)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {plain(requirement) for extra in project["optional-dependencies"].values() for requirement in extra}
    assert {plain(import_names.get(name, name)) for name in outside - {"stillwatch"} - INSIDE} <= run | extras


@pytest.mark.parametrize("path", STATISTICS, ids=lambda path: path.stem)
def test_statistics_do_no_input_or_output(path: Path) -> None:
    assert not INPUT_OUTPUT & set(imported(path))
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not {"open", "print", "input"} & calls


def test_packages_hold_a_docstring_and_no_re_exports() -> None:
    for path in SOURCE.rglob("__init__.py"):
        body = ast.parse(path.read_text("utf-8")).body
        assert ast.get_docstring(ast.Module(body=body, type_ignores=[])), f"{path}: no docstring"
        assert all(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__" for node in body[1:]), path


def test_no_module_is_an_attic() -> None:
    attics = {"utils", "util", "helpers", "common", "core", "misc"}
    assert [path for path in SOURCE.rglob("*") if path.stem in attics] == []


def test_continuous_integration_calls_make_ci_only() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "set ", "cd "))] == ["make ci"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_lists_every_task_with_a_sentence() -> None:
    text = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True).stdout
    listed = dict(re.findall(r"^ +make (\w+) +(\S.*)$", text, re.M))
    assert {"setup", "demo", "test", "check", "fix", "bench", "docs", "ci"} <= listed.keys()


def machine(folder: Path, **programs: str) -> dict[str, str]:
    """A machine that has only these programs (shell scripts), as an environment."""
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


def set_up(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the set-up there."""
    bash = shutil.which("bash")
    assert bash
    return subprocess.run(
        [bash, str(ROOT / "scripts" / "setup.sh"), str(folder / "venv")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_set_up_without_python_says_what_to_install(tmp_path: Path) -> None:
    done = set_up(tmp_path, machine(tmp_path))
    assert done.returncode == 1
    assert "no Python 3.11 or later" in done.stderr and "apt-get install python3" in done.stderr


def test_set_up_passes_over_a_python_that_is_too_old(tmp_path: Path) -> None:
    done = set_up(tmp_path, machine(tmp_path, python3="exit 1"))
    assert done.returncode == 1
    assert "no Python 3.11 or later" in done.stderr


def test_set_up_without_venv_and_without_rights_names_the_package(tmp_path: Path) -> None:
    python = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac'
    done = set_up(tmp_path, machine(tmp_path, python3=python, id="echo 1000", sudo="exit 1"))
    assert done.returncode == 1
    assert "run as root: apt-get install python3.11-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#: ]+)(?:#[^)]*)?\)", page.read_text("utf-8"))]
    assert links
    assert [(str(page), target) for page, target in links if not (page.parent / target).exists()] == []
