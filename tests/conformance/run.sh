#!/bin/sh
# Runs the conformance probes against a server of our transports with a schema of four fields.
#
# Needs Node and npm. Where they are absent this says so and succeeds, or fails where REQUIRE_SERVICES=1.
set -eu
cd "$(dirname "$0")"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "conformance: skipped, there is no Node on this machine"
    [ "${REQUIRE_SERVICES:-}" != 1 ]
    exit
fi

[ -d node_modules/graphql-http ] || npm ci --no-audit --no-fund --silent
server=${CONFORMANCE_SERVER:-}
if [ -z "$server" ]; then
    cargo build --quiet --package tillgate --example conformance
    server=${CARGO_TARGET_DIR:-../../target}/debug/examples/conformance
fi

folder=$(mktemp -d)
mkfifo "$folder/in"
"$server" <"$folder/in" >"$folder/out" &
process=$!
# The server ends with its input.
exec 3>"$folder/in"
trap 'exec 3>&-; wait; rm -r "$folder"' EXIT
while [ ! -s "$folder/out" ]; do
    kill -0 "$process"
    sleep 0.1
done
node main.mjs "$(cat "$folder/out")"
