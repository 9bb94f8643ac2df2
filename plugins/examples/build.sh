#!/bin/sh
# Builds the examples in JavaScript and Python from source into a folder, and runs their golden tests:
#
#   plugins/examples/build.sh DIR        writes DIR/javascript.wasm and DIR/python.wasm
#
# TILLGATE names the program, else the release build is used. The tools come from npm and PyPI; an example whose registry
# cannot be reached is skipped with a line.
set -eu

[ $# -eq 1 ] || { echo "usage: plugins/examples/build.sh DIR" >&2 && exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
tillgate=${TILLGATE:-$root/target/release/tillgate}
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install() { # language, project
    case $1 in
    javascript) npm install --silent --no-audit --no-fund --prefix "$2" ;;
    python) python3 -m venv "$2/.venv" && "$2/.venv/bin/pip" install --quiet -r "$2/requirements.txt" ;;
    esac
}

for language in javascript python; do
    project="$work/$language"
    # A copy, so that the committed component stays as it is; `-L` makes files of the link to the contract.
    mkdir "$project"
    for part in mapper.toml settings.json src fixtures golden wit package.json requirements.txt; do
        [ ! -e "$root/plugins/examples/$language/$part" ] || cp -RL "$root/plugins/examples/$language/$part" "$project/"
    done
    if ! install "$language" "$project" >"$work/install.log" 2>&1; then
        echo "skipped $language: its tools cannot be installed: $(tail -n 1 "$work/install.log")"
        continue
    fi
    "$tillgate" mapper build --dir "$project"
    "$tillgate" mapper test --dir "$project"
    cp "$project/mapper.wasm" "$out/$language.wasm"
done
