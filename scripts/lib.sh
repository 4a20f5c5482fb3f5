# Shell functions that example.sh and scripts/test.sh share: they look for a tool, install it where that is possible
# without asking, and otherwise say in one line what to install. For bash 3.2 and newer, which is what macOS has.

readonly NODE_OLDEST="20.19.0"
readonly FFMPEG_OLDEST="5.1"

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# at_least VERSION OLDEST: compares up to three numbers with dots between them.
at_least() {
  local given=() oldest=() i
  IFS=. read -r -a given <<<"$1"
  IFS=. read -r -a oldest <<<"$2"
  for i in 0 1 2; do
    ((10#${given[i]:-0} > 10#${oldest[i]:-0})) && return 0
    ((10#${given[i]:-0} < 10#${oldest[i]:-0})) && return 1
  done
  return 0
}

# quietly COMMAND…: shows what the command printed only if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" -eq 0 ] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

can_be_root() {
  [ "$(id -u)" -eq 0 ] || { has sudo && sudo -n true 2>/dev/null; }
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# install_package APT_NAME BREW_NAME…: fails where neither apt-get (as root) nor brew can be used.
install_package() {
  local apt_name=$1
  shift
  if has apt-get && can_be_root; then
    printf 'Installing %s with apt-get\n' "$apt_name"
    # Lists that cannot all be fetched may still be good enough.
    as_root apt-get update -q >/dev/null 2>&1 </dev/null || true
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$apt_name"
  elif has brew; then
    printf 'Installing %s with brew\n' "$apt_name"
    quietly brew install "$@"
  else
    return 1
  fi
}

# how_to_get APT_NAME BREW_NAME…: what a person can type here, if that is known, with a comma and "or".
how_to_get() {
  local apt_name=$1
  shift
  if has apt-get; then
    printf 'sudo apt-get install %s, or ' "$apt_name"
  elif [[ $OSTYPE == darwin* ]]; then
    printf 'brew install %s, or ' "$*"
  fi
}

need_node() {
  has node || die "Node.js $NODE_OLDEST or newer is needed: https://nodejs.org/en/download"
  has npm || die "npm is needed; it usually comes with Node.js: https://nodejs.org/en/download"
  local version
  version=$(node --version)
  at_least "${version#v}" "$NODE_OLDEST" ||
    die "Node.js $NODE_OLDEST or newer is needed, this is $version: https://nodejs.org/en/download"
}

# Runs npm ci only if the lock file changed since it last ran. ffmpeg-static may fail: npm leaves it out then.
install_npm() {
  local stamp=node_modules/.millrace-installed sum
  sum=$(node -e 'const hash = require("crypto").createHash("sha256");
    process.stdout.write(hash.update(require("fs").readFileSync("package-lock.json")).digest("hex"))')
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
  # Installed by hand, after the lock file was written.
  if [ ! -e "$stamp" ] && [ node_modules/.package-lock.json -nt package-lock.json ]; then
    printf '%s' "$sum" >"$stamp"
    return
  fi
  echo "Installing npm packages"
  quietly npm ci --no-progress || die "npm ci failed, see above"
  printf '%s' "$sum" >"$stamp"
}

# ffmpeg_is_new PATH: whether it runs and is new enough. Builds from git have no number, and are new.
ffmpeg_is_new() {
  local line number
  line=$("$1" -version 2>/dev/null </dev/null | head -n 1)
  case $line in "ffmpeg version "*) ;; *) return 1 ;; esac
  number=$(printf '%s\n' "$line" | sed -nE 's/^ffmpeg version n?([0-9]+(\.[0-9]+)*).*/\1/p')
  [ -z "$number" ] || at_least "$number" "$FFMPEG_OLDEST"
}

# What the server takes: MILLRACE_FFMPEG, the binary that came with npm, or the one on the PATH.
need_ffmpeg() {
  local npm_binary=node_modules/ffmpeg-static/ffmpeg
  if [ -n "${MILLRACE_FFMPEG:-}" ]; then
    ffmpeg_is_new "$MILLRACE_FFMPEG" ||
      die "MILLRACE_FFMPEG=$MILLRACE_FFMPEG is no FFmpeg of version $FFMPEG_OLDEST or newer"
    return
  fi
  if [ -x "$npm_binary" ] && ffmpeg_is_new "./$npm_binary"; then return; fi
  need_ffmpeg_on_path
}

# Tests use ffmpeg and ffprobe from the PATH.
need_ffmpeg_on_path() {
  has ffprobe && ffmpeg_is_new ffmpeg && return
  install_package ffmpeg ffmpeg || true
  has ffprobe && ffmpeg_is_new ffmpeg ||
    die "FFmpeg $FFMPEG_OLDEST or newer is needed on the PATH: $(how_to_get ffmpeg ffmpeg)https://ffmpeg.org/download.html"
}

# Where the tests and the unattended example look for a browser is written once, in scripts/chromium.ts.
need_chromium() {
  find_chromium && return
  install_package chromium --cask google-chrome || true
  find_chromium ||
    die "Chromium or Google Chrome is needed, on the PATH or named by CHROMIUM_PATH: $(how_to_get chromium --cask google-chrome)https://www.google.com/chrome"
}

find_chromium() {
  node_modules/.bin/tsx scripts/chromium.ts >/dev/null 2>&1 </dev/null
}
