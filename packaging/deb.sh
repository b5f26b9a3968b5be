#!/bin/sh
# Makes a Debian package of what is built:   packaging/deb.sh BUILD [FOLDER]
# It goes to FOLDER (BUILD), whose name it prints. DuckDB's library is inside, as with `make install`.
# DEB_COMPRESSION (-Zxz) are dpkg-deb's options.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
to=$(cd "${2:-$build}" && pwd)
ours=$root/packaging/debian
version=$("$build/nemd" --version | sed 's/^nemd //')
architecture=$(dpkg --print-architecture)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
doc=$tree/usr/share/doc/nemd
umask 022

cmake --install "$build" --prefix "$tree/usr" --strip >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }

mkdir -p "$tree/DEBIAN" "$tree/etc/nemd" "$tree/usr/lib/systemd/system" "$tree/usr/share/zsh/vendor-completions" "$doc/docs"
mv "$tree/usr/share/zsh/site-functions/_nemd" "$tree/usr/share/zsh/vendor-completions/"
rmdir "$tree/usr/share/zsh/site-functions"
install -m 644 "$root/packaging/nemd.env" "$tree/etc/nemd/nemd.env"
"$build/nemd" service print --for systemd --system --user nemd --program /usr/bin/nemd \
    --data /var/lib/nemd --config "$tree/etc/nemd/nemd.env" |
    sed "s|$tree||" >"$tree/usr/lib/systemd/system/nemd.service"

install -m 644 "$root/README.md" "$root/packaging/nginx.conf" "$doc/"
install -m 644 "$root/docs"/* "$doc/docs/"
{
    printf 'nemd, and the dashboard in it:\n\n'
    cat "$root/LICENSE"
    printf '\nusr/lib/nemd/libduckdb.so, where it is there, is DuckDB, Copyright 2018-2025 Stichting DuckDB Foundation, under the same terms.\n'
} >"$doc/copyright"
printf 'nemd (%s) unstable; urgency=medium\n\n  * Release %s.\n\n -- nemd <nemd@localhost>  %s\n' \
    "$version" "$version" "$(date -R -r "$build/nemd")" | gzip -9n >"$doc/changelog.gz"
find "$tree/usr/share/man" -type f -exec gzip -9n {} +

# What its libraries are packaged in; dpkg-shlibdeps wants to stand beside a debian/control.
mkdir "$scratch/debian"
printf 'Source: nemd\n\nPackage: nemd\nArchitecture: any\n' >"$scratch/debian/control"
depends=$(cd "$scratch" && dpkg-shlibdeps -O -ltree/usr/lib/nemd tree/usr/bin/nemd \
    "$(find tree/usr/lib/nemd -name 'libduckdb*' 2>/dev/null | head -1)" 2>"$scratch/log") ||
    { cat "$scratch/log" >&2; exit 1; }
depends=${depends#shlibs:Depends=}

sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@DEPENDS@/$depends/" \
    -e "s/@SIZE@/$(du -sk "$tree" | cut -f1)/" "$ours/control" >"$tree/DEBIAN/control"
printf '/etc/nemd/nemd.env\n' >"$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "$ours/$script" "$tree/DEBIAN/$script"
done
(cd "$tree" && find . -path ./DEBIAN -prune -o -path ./etc -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"

package=$to/nemd_${version}_$architecture.deb
# shellcheck disable=SC2086 # options
dpkg-deb --root-owner-group ${DEB_COMPRESSION:--Zxz} --build "$tree" "$package" >/dev/null
printf '%s\n' "$package"
