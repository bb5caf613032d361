#!/usr/bin/env bash
# Resolve the dependencies for all supported Pythons into pinned, hashed requirements that name no index.
set -euo pipefail
uv=$1
compile() { "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url "$@"; }
compile requirements/uv.in --output-file requirements/uv.txt
compile pyproject.toml --group dev --output-file requirements/dev.txt
compile pyproject.toml --constraint requirements/dev.txt --output-file requirements/run.txt
