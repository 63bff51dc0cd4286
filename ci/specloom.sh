#!/usr/bin/env bash
# What the GitHub action and the GitLab template run: is everything in step, and does what changed break somebody?
#
#   SPECLOOM_BASE     the revision to compare with; none: drift alone
#   SPECLOOM_FAIL_ON  breaking (default), warning, any or never
#   SPECLOOM_FORMAT   github (default), text, junit ...: how `specloom diff` tells what it found
#   SPECLOOM_OUTPUT   a folder for what it found, a file for each integration; none: stdout
#
# Exit codes are specloom's own: 0 fine, 1 drift or a change as grave as SPECLOOM_FAIL_ON, 2 it could not be done.
set -uo pipefail

base="${SPECLOOM_BASE:-}"
format="${SPECLOOM_FORMAT:-github}"
worst=0

note() { if [ "$1" -gt "$worst" ]; then worst="$1"; fi; }

fail_on=()
if [ "${SPECLOOM_FAIL_ON:-breaking}" != never ]; then
    fail_on=(--fail-on "${SPECLOOM_FAIL_ON:-breaking}")
fi

drift_format=text
if [ "$format" = github ]; then drift_format=github; fi
specloom check --format "$drift_format"
note $?

if [ -n "$base" ]; then
    for settings in spec/*/integration.yaml; do
        name="$(basename "$(dirname "$settings")")"
        if ! git cat-file -e "$base:$settings" 2>/dev/null; then
            echo "$name is new"
            continue
        fi
        if [ -n "${SPECLOOM_OUTPUT:-}" ]; then
            mkdir -p "$SPECLOOM_OUTPUT"
            specloom diff "$base:$name" "$name" --format "$format" "${fail_on[@]}" > "$SPECLOOM_OUTPUT/$name.xml"
            note $?
        else
            specloom diff "$base:$name" "$name" --format "$format" "${fail_on[@]}"
            note $?
        fi
        if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
            specloom diff "$base:$name" "$name" --format markdown >> "$GITHUB_STEP_SUMMARY"
            note $?
        fi
    done
fi
exit "$worst"
