#!/usr/bin/env bash
# Debian's chromium, and the library that the tests' browser driver needs. Where they cannot be installed, those tests are
# skipped with that reason.
set -uo pipefail
ready() { command -v chromium >/dev/null && ldconfig -p | grep -q libatomic.so.1; }
ready && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "browser: no chromium; its tests will be skipped"; exit 0; }
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium libatomic1; } >/dev/null 2>&1
ready || echo "browser: chromium could not be installed; its tests will be skipped"
exit 0
