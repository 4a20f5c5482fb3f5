#!/usr/bin/env bash
# A first look: installs what is missing, builds, starts the server and opens a page that publishes and one that watches.
# With --headless nobody is needed: an unattended browser does both, and the exit code says whether it really worked.
set -euo pipefail
cd "$(dirname "$0")"
. scripts/lib.sh

case "$*" in
  "" | --headless) ;;
  *) die "Usage: ./example.sh [--headless]" ;;
esac

need_node
install_npm
need_ffmpeg
if [ "$*" = --headless ]; then need_chromium; fi

echo "Building"
quietly npm run --silent build || die "The build failed, see above"

if [ "$*" = --headless ]; then
  exec node --import tsx scripts/headless-example.ts
fi
exec node --import tsx scripts/example.ts
