#!/bin/sh
# Rebuilds the committed components from source:
#
#   plugins/build.sh            writes plugins/standard/standard.wasm, plugins/consignment/mapper.wasm and
#                               plugins/examples/hostile.wasm
#   plugins/build.sh DIR        writes DIR/{standard,consignment,hostile}.wasm and leaves the committed ones alone
#
# It uses rustup's wasm32-unknown-unknown target where that is installed. Where it cannot be had, it uses Debian's
# rustc-web, which has the target, with the standard library built from its own source; both are installed when
# missing and when running as root. The two compilers differ in version, so their components differ in bytes and agree
# in behaviour, which the tests of `mappers` check: run them against fresh components by
#
#   TILLGATE_STANDARD_WASM=DIR/standard.wasm TILLGATE_CONSIGNMENT_WASM=DIR/consignment.wasm \
#     TILLGATE_HOSTILE_WASM=DIR/hostile.wasm cargo test -p tillgate-mappers
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=wasm32-unknown-unknown
cd "$root"

# The stack lies in linear memory: 64 KiB is plenty for a mapper, the default of 1 MiB is not needed.
stack='-C link-arg=-zstack-size=65536'
# Paths of this machine would otherwise be in the components' panic messages.
remap="--remap-path-prefix=$root=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"

build() {
    # A target folder of its own: another compiler would invalidate the workspace's.
    CARGO_TARGET_DIR="$root/target/plugins" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$stack $remap" \
        cargo build --quiet --locked --profile plugin --target "$target" "$@"
}

if rustup target list --installed 2>/dev/null | grep -qx "$target"; then
    extra=
else
    if ! [ -d /usr/lib/rustlib/src/rust/library ] && ! ls -d /usr/src/rustc-* >/dev/null 2>&1; then
        if [ "$(id -u)" -ne 0 ]; then
            echo "run: rustup target add $target" >&2
            echo "or, as root: apt-get install --no-install-recommends rustc-web rust-web-src libstd-rust-web-dev" >&2
            exit 1
        fi
        apt-get update -qq
        apt-get install -qq --no-install-recommends rustc-web rust-web-src libstd-rust-web-dev >/dev/null
    fi
    host=$(rustc -vV | sed -n 's/^host: //p')
    linker="$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld"
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker"
    export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
    extra='-Zbuild-std=std,panic_abort'
fi

# shellcheck disable=SC2086 # an empty $extra shall vanish
build $extra -p tillgate-standard --lib --features component
# shellcheck disable=SC2086
build $extra -p tillgate-consignment --lib --features component
# shellcheck disable=SC2086
build $extra -p tillgate-plugins --example hostile
unset RUSTC RUSTC_BOOTSTRAP

out="$root/target/plugins/$target/plugin"
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    standard="$1/standard.wasm" consignment="$1/consignment.wasm" hostile="$1/hostile.wasm"
else
    standard=plugins/standard/standard.wasm consignment=plugins/consignment/mapper.wasm
    hostile=plugins/examples/hostile.wasm
fi
component() { cargo run --quiet --locked -p tillgate-mappers --example componentize -- "$@"; }
component "$out/tillgate_standard.wasm" "$standard"
component "$out/tillgate_consignment.wasm" "$consignment" plugins/consignment
component "$out/examples/hostile.wasm" "$hostile"
ls -l "$standard" "$consignment" "$hostile"
