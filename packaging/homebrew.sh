#!/bin/sh
# Prints a Homebrew formula:   packaging/homebrew.sh HOMEPAGE URL [FILE]
# URL is where the source of a release can be had as a tar file; FILE is that file, where it is at hand.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/^project(nemd VERSION \([0-9.]*\) .*/\1/p' "$here/../CMakeLists.txt")
sum=$(if [ $# -gt 2 ]; then cat "$3"; else curl -fsSL "$2"; fi | openssl dgst -sha256 -r | cut -d' ' -f1)
sed -e "s|@HOMEPAGE@|$1|" -e "s|@URL@|$2|" -e "s|@VERSION@|$version|" -e "s|@SHA256@|$sum|" "$here/homebrew/nemd.rb.in"
