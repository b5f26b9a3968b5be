#!/bin/sh
# Installs what is missing, and says in one line a step what it does.
#   setup.sh build | test | lint      each needs what stands before it, and more
# A second run finds its stamp and does nothing.
set -eu
cd "$(dirname "$0")/.."
goal=${1:-build}
mkdir -p .deps
log=.deps/setup.log

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# What the stamp stands for: this script, the lock files and the goal.
stamp=.deps/$goal.stamp
key=$(cat setup/setup.sh setup/duckdb/package-lock.json web/package-lock.json | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && [ -d web/node_modules ]; then
    exit 0
fi
: >"$log"

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else
        fail "root or sudo is needed to install packages: run this once as root, or install them by hand: $missing"
    fi
}

# Tools count by their command, so that another build of node or cmake is taken as it is.
debian_missing() {
    missing=
    for pair in gcc:gcc make:make cmake:cmake ninja:ninja-build pkg-config:pkg-config node:nodejs npm:npm $debian_tools; do
        have "${pair%%:*}" || missing="$missing ${pair#*:}"
    done
    for package in libc6-dev libcurl4-openssl-dev libsqlite3-dev libevent-dev zlib1g-dev libdeflate-dev \
        libisal-dev libzstd-dev libexpat1-dev ca-certificates $debian_libraries; do
        dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            missing="$missing $package"
    done
}

install_debian() {
    debian_missing
    [ -n "$missing" ] || { say "system packages: all there"; return; }
    say "system packages: installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update >>"$log" 2>&1 ||
        fail "apt-get update failed; is there a network? (details: $log)"
    # shellcheck disable=SC2086
    as_root apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 ||
        fail "apt-get could not install$missing (details: $log)"
}

# nginx for the tests alone: unpacked, since Debian's package would start a server when installed.
fetch_nginx() {
    [ "$goal" != build ] || return 0
    for nginx in /usr/sbin/nginx .deps/nginx/usr/sbin/nginx; do
        [ ! -x "$nginx" ] || return 0
    done
    say "nginx: fetching Debian's package"
    rm -rf .deps/nginx && mkdir -p .deps/nginx
    { (cd .deps/nginx && apt-get download nginx) && dpkg -x .deps/nginx/nginx_*.deb .deps/nginx; } >>"$log" 2>&1 ||
        say "nginx: couldn't be had; the test of its example is skipped (details: $log)"
}

install_homebrew() {
    have brew || fail "Homebrew is needed on macOS: see https://brew.sh, then run this again"
    missing=
    for formula in cmake ninja pkg-config curl sqlite libevent zlib libdeflate isa-l zstd expat node $brew_formulae; do
        brew list --formula "$formula" >/dev/null 2>&1 || missing="$missing $formula"
    done
    [ -n "$missing" ] || { say "Homebrew formulae: all there"; return; }
    say "Homebrew formulae: installing$missing"
    # shellcheck disable=SC2086
    brew install $missing >>"$log" 2>&1 || fail "brew could not install$missing (details: $log)"
}

install_casks() {
    for cask in $brew_casks; do
        brew list --cask "$cask" >/dev/null 2>&1 && continue
        say "Homebrew casks: installing $cask"
        brew install --cask "$cask" >>"$log" 2>&1 || fail "brew could not install $cask (details: $log)"
    done
}

debian_tools= debian_libraries= brew_formulae= brew_casks=
case $goal in
build) ;;
test)
    debian_tools="chromium:chromium openssl:openssl man:man-db rsync:rsync dpkg-shlibdeps:dpkg-dev"
    debian_libraries="libcmocka-dev python3-pandas python3-aiosmtpd"
    brew_formulae="cmocka nginx rsync"
    brew_casks="chromium"
    ;;
lint)
    debian_tools="chromium:chromium clang:clang clang-format:clang-format clang-tidy:clang-tidy openssl:openssl man:man-db rsync:rsync dpkg-shlibdeps:dpkg-dev"
    debian_libraries="libcmocka-dev python3-pandas libclang-rt-14-dev python3-aiosmtpd"
    brew_formulae="cmocka llvm nginx rsync"
    brew_casks="chromium"
    ;;
*) fail "unknown goal '$goal': build, test or lint" ;;
esac

case $(uname -s) in
Linux)
    have apt-get || fail "only Debian and its kin are set up by this script; install by hand: a C compiler, cmake, ninja, pkg-config, node 18+, npm, and the headers of libcurl, sqlite3, libevent, zlib, libdeflate, isa-l, zstd, expat (cmocka and chromium for tests), then write '$key' to $stamp"
    install_debian
    fetch_nginx
    ;;
Darwin)
    install_homebrew
    install_casks
    ;;
*) fail "$(uname -s) is not supported: Linux and macOS are" ;;
esac

[ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" = true ] ||
    fail "Node.js 18 or newer is needed; $(command -v node) is $(node --version)"

# npm ci in folder $1, as its lock file has it; no package's own scripts are run.
npm_install() {
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >>"$log" 2>&1 ||
        fail "npm could not install the packages of $1; is the registry reachable? (details: $log)"
}

# DuckDB's library and header come in npm packages; only those two files are kept.
engine=.deps/duckdb
engine_key=$(cksum <setup/duckdb/package-lock.json)
if [ "$(cat $engine/stamp 2>/dev/null)" != "$engine_key" ]; then
    say "DuckDB: fetching its library and header from npm"
    rm -rf "$engine" && mkdir -p "$engine/include" "$engine/lib"
    npm_install setup/duckdb
    packages=setup/duckdb/node_modules
    platform=$(node -p 'process.platform + "-" + process.arch')
    cp $packages/duckdb/src/duckdb/src/include/duckdb.h "$engine/include/"
    cp $packages/@duckdb/node-bindings-"$platform"/libduckdb.* "$engine/lib/" 2>>"$log" ||
        fail "npm has no DuckDB library for $platform"
    rm -rf $packages
    printf '%s' "$engine_key" >$engine/stamp
fi

say "dashboard: fetching its packages from npm"
npm_install web

printf '%s' "$key" >"$stamp"
