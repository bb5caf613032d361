#!/usr/bin/env bash
# Debian's chromium for the browser tests. Where it cannot be installed, those tests are skipped with that reason.
set -uo pipefail
command -v chromium >/dev/null && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "browser: no chromium; its tests will be skipped"; exit 0; }
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null 2>&1 ||
  echo "browser: chromium could not be installed; its tests will be skipped"
exit 0
