#!/usr/bin/env bash
# Installs what is missing, then checks everything: format, lint, types, build, tests. Stops at the first stage that
# fails. The last line is always "N passed, N failed": tests, plus one for a stage that failed in another way.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/lib.sh

# A test that hangs must not hang whoever waits for the result. The whole is meant to take less than 15 minutes.
readonly JEST_LIMIT_SECONDS=900

export CI=true
if [ ! -t 1 ]; then
  unset FORCE_COLOR
  export NO_COLOR=1
fi
# Tests set what they need; the developer's own settings must not change them.
for name in $(compgen -e MILLRACE_); do
  [ "$name" = MILLRACE_FFMPEG ] || unset "$name"
done

passed=0
failed=0
work=$(mktemp -d)

finish() {
  local status=$? job
  for job in $(jobs -p); do kill -TERM "$job" 2>/dev/null; done
  rm -rf "$work"
  # Left early without a counted failure: interrupted, or a tool is missing.
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  printf '%s passed, %s failed\n' "$passed" "$failed"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# stage TITLE COMMAND…
stage() {
  local title=$1 began=$SECONDS status=0
  shift
  printf '\n== %s\n' "$title"
  "$@" </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    printf '\n== %s: FAILED after %s s\n' "$title" "$((SECONDS - began))"
    [ "$failed" -gt 0 ] || failed=1
    exit 1
  fi
  printf '== %s: %s s\n' "$title" "$((SECONDS - began))"
}

install_tools() {
  need_node
  install_npm
  need_ffmpeg_on_path
  need_chromium
  printf 'Node %s, %s, %s\n' "$(node --version)" "$(ffmpeg -version | head -n 1 | cut -d ' ' -f 1-3)" \
    "$("$(node_modules/.bin/tsx scripts/chromium.ts)" --version 2>/dev/null)"
}

# within SECONDS OUTPUT COMMAND…: ends a command that takes too long. Only what the command prints goes into OUTPUT: what
# is said when we are interrupted here would be lost in it.
within() {
  local limit=$1 output=$2 status=0 command_id watch_id
  shift 2
  "$@" >"$output" &
  command_id=$!
  (
    trap 'kill "$sleep_id"; exit' TERM
    sleep "$limit" &
    sleep_id=$!
    wait "$sleep_id"
    printf '\nStill running after %s s, ended\n' "$limit"
    kill -TERM "$command_id"
  ) &
  watch_id=$!
  wait "$command_id" || status=$?
  kill -TERM "$watch_id" 2>/dev/null
  wait "$watch_id" 2>/dev/null
  return "$status"
}

# run_jest NODE_COMMAND… -- JEST_ARGUMENTS…: adds to the counts.
run_jest() {
  local node_command=() results=$work/jest.json status=0 counts
  while [ "$1" != -- ]; do
    node_command+=("$1")
    shift
  done
  shift
  rm -f "$results"
  within "$JEST_LIMIT_SECONDS" "$work/jest.stdout" "${node_command[@]}" --disable-warning=ExperimentalWarning \
    --experimental-vm-modules node_modules/jest/bin/jest.js --ci --json --outputFile="$results" "$@" || status=$?
  if counts=$(node_modules/.bin/tsx scripts/count-tests.ts "$results" 2>/dev/null); then
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
  else
    echo "jest ended before it could write its results"
    failed=$((failed + 1))
    [ "$status" -ne 0 ] || status=1
  fi
  return "$status"
}

stage "Tools" install_tools
stage "Format and lint" node_modules/.bin/biome check --error-on-warnings .
stage "Types" node_modules/.bin/tsc -p tsconfig.json
stage "Build" npm run --silent build
# They wait about as long as they compute: more of them than there are cores.
readonly unit_only=(--maxWorkers 4 --testPathIgnorePatterns /node_modules/ /tests/e2e/)
stage "Unit tests on Node $(node --version)" run_jest node -- "${unit_only[@]}"
case $(node --version) in
  v24.*) ;;
  # What runs in production; the tools of this repository need one Node only, and pages run in browsers. Whole servers,
  # which are no units, have been tried above, and so has what is FFmpeg's work rather than Node's.
  *)
    stage "Unit tests on Node 24" run_jest npx -y -p node@24 node -- "${unit_only[@]}" /tests/scripts/ /tests/web/ \
      '/tests/server/(wiring/)?[^/]+\.test\.ts$' '/tests/server/transcode/(encoding|join|preview-output|pull)\.test\.ts$'
    ;;
esac
# Each has a server, FFmpeg and a browser at work, and mostly waits for real time to pass: three at once fit on two
# cores. What looks at milliseconds runs alone.
readonly alone='/tests/e2e/(socket|conformance)\.test'
stage "End-to-end tests" run_jest node -- --testPathPatterns /tests/e2e/ \
  --testPathIgnorePatterns /node_modules/ "$alone"
stage "End-to-end tests that look at milliseconds" run_jest node -- --runInBand --testPathPatterns "$alone"
