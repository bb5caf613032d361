#!/usr/bin/env bash
# Make the environment: a Python of 3.11 or later, the locked requirements, and the project itself (editable).
# Debian and Ubuntu ship venv and pip as packages of their own; they are installed if that is possible.
set -euo pipefail
venv=$1

for candidate in python3 python3.13 python3.12 python3.11 python3.14; do
  if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    python=$candidate
    break
  fi
done
if [ -z "${python:-}" ]; then
  echo "setup: no Python 3.11 or later was found; install one (Debian, Ubuntu: apt-get install python3)" >&2
  exit 1
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  echo "setup: $python has no venv module; installing $version"
  if ! { $as_root apt-get update -qq && $as_root apt-get install -y -qq "$version"; } >&2; then
    echo "setup: could not install it; run as root: apt-get install $version" >&2
    exit 1
  fi
fi

# One that was interrupted half-way, or whose Python has gone, is made anew.
"$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$python" -m venv --clear "$venv"

# pip follows the machine's configuration by itself; uv does not read it, so a mirror named there is passed on.
mirror=${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
[ -z "$mirror" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$mirror}"

"$venv/bin/python" -m pip install --quiet --require-hashes --requirement requirements/uv.txt
# All is pinned and hashed, so uv's cache is as good as the network: with it, setting up again works offline.
sync() { "$venv/bin/uv" pip sync --quiet --python "$venv/bin/python" --require-hashes "$@" requirements/dev.txt requirements/uv.txt; }
sync --offline 2>/dev/null || sync
"$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
touch "$venv/.ready"
