#!/usr/bin/env bash
# The ten-minute path of a mapper's author: new, build, test, push, active. In Rust, JavaScript and Python, against a
# demonstration that this script starts; prints the time of each language.
#
#   tests/ten-minutes.sh [rust|js|python]...
#
# TILLGATE names the binary, else the release build is used. A language whose toolchain cannot be had is skipped with a
# line that says why; with REQUIRE_SERVICES=1 that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
tillgate=${TILLGATE:-$root/target/release/tillgate}
[ $# -gt 0 ] && languages=("$@") || languages=(rust js python)
# A toolchain that is missing, as `tillgate mapper build` tells it.
EXIT_TOOLCHAIN=3
# Seconds that the demonstration may take until it is ready.
READY_MAX=120

[ -x "$tillgate" ] || cargo build --release --quiet --locked
work=$(mktemp -d)
demo=
finish() {
    [ -z "$demo" ] || kill "$demo" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

fail() {
    echo "ten-minutes: $*" >&2
    exit 1
}

# Starts a gateway with a store, orders and a token, and reads where it is.
start_demo() {
    "$tillgate" demo --orders 40 --rate 1 --seed 5 --data-dir "$work/data" --listen 127.0.0.1:0 >"$work/demo.log" 2>&1 &
    demo=$!
    local waited=0
    until grep -q '^ready ' "$work/demo.log"; do
        kill -0 "$demo" 2>/dev/null || fail "the demonstration ended: $(cat "$work/demo.log")"
        [ "$waited" -lt $((READY_MAX * 5)) ] || fail "the demonstration is not ready after $READY_MAX s"
        waited=$((waited + 1))
        sleep 0.2
    done
    local ready
    ready=$(grep '^ready ' "$work/demo.log")
    TILLGATE_URL=$(sed -E 's|.*graphql=([^ ]*)/graphql.*|\1|' <<<"$ready")
    TILLGATE_BUSINESS=$(sed -E 's|.*business=([^ ]*).*|\1|' <<<"$ready")
    TILLGATE_TOKEN=$(sed -E 's|.*token=([^ ]*).*|\1|' <<<"$ready")
    export TILLGATE_URL TILLGATE_BUSINESS TILLGATE_TOKEN
}

# Installs what a language needs, where it is missing and can be had.
install_toolchain() { # language, folder
    case $1 in
    rust)
        local target=wasm32-unknown-unknown
        rustup target list --installed 2>/dev/null | grep -qx $target && return 0
        [ -d /usr/lib/rustlib/src/rust/library ] && return 0
        rustup target add $target >/dev/null 2>&1 && return 0
        [ "$(id -u)" -eq 0 ] && apt-get update -qq &&
            apt-get install -qq --no-install-recommends rustc-web rust-web-src libstd-rust-web-dev >/dev/null
        ;;
    js) npm install --silent --no-audit --no-fund --prefix "$2" >/dev/null ;;
    python) python3 -m venv "$2/.venv" && "$2/.venv/bin/pip" install --quiet -r "$2/requirements.txt" ;;
    esac
}

skip() { # language, reason
    [ "${REQUIRE_SERVICES:-}" != 1 ] || fail "$1: $2"
    echo "skipped $1: $2"
}

path_of() { # language
    local lang=$1 name="shop-$1" code=0 begun
    local folder="$work/$name"
    "$tillgate" mapper new --lang "$lang" --dir "$work" "$name" >/dev/null
    install_toolchain "$lang" "$folder" >"$work/install.log" 2>&1 ||
        { skip "$lang" "its toolchain cannot be installed: $(tail -n 1 "$work/install.log")" && return 0; }
    # From here on it is the author's time; what is installed once is not.
    begun=$(date +%s.%N)
    echo "== $lang"
    "$tillgate" mapper build --dir "$folder" || code=$?
    if [ "$code" -eq $EXIT_TOOLCHAIN ]; then
        skip "$lang" "its toolchain is missing" && return 0
    fi
    [ "$code" -eq 0 ] || fail "$lang: the build failed"
    "$tillgate" mapper test --dir "$folder"
    "$tillgate" mapper push --dir "$folder" --last 40 --yes
    times+=("$(printf '%-7s %s s' "$lang" "$(echo "$(date +%s.%N) - $begun" | awk '{ printf "%.1f", $1 - $3 }')")")
}

# One folder for what cargo builds, so that a second run of this script need not build it again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target/ten-minutes}
times=()
start_demo
for language in "${languages[@]}"; do
    path_of "$language"
done
echo
echo "from source to active:"
printf '  %s\n' "${times[@]}"
