#!/bin/sh
# A root over this machine's, to install things in: reads what is there, keeps what is written in
# memory, and is gone when the script that runs in it ends.
#   unshare -m sh throwaway.sh FOLDER SCRIPT
# FOLDER, which is in there by its own name, and nothing else of the machine, can be written from
# inside; the rest is below /host, read-only.
set -eu
folder=$1
root=$folder/root
mount --make-rprivate /
mkdir -p "$root"
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/host" "$root/proc" "$root/dev" "$root/tmp" "$root/run" "$root$folder"
mount --bind / "$root/host"
mount -o remount,bind,ro "$root/host"
mount --bind "$folder" "$root$folder"
mount -t proc proc "$root/proc"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"

# Folders that packages put something into are real, and what stands in them are links.
real="usr/bin usr/lib/systemd/system usr/share/man/man1 usr/share/man/man5 usr/share/doc
    usr/share/bash-completion/completions usr/share/zsh/vendor-completions usr/share/fish/vendor_completions.d"
for path in $real var/lib var/cache var/log; do
    mkdir -p "$root/$path"
done
cp -a /etc "$root/etc"
cp -a /var/lib/dpkg "$root/var/lib/dpkg"
for path in "" usr usr/lib usr/lib/systemd usr/share usr/share/man usr/share/bash-completion usr/share/zsh usr/share/fish $real; do
    [ ! -d "/$path" ] || find "/$path" -mindepth 1 -maxdepth 1 -printf '/host%p\0' |
        (cd "$root/$path" && xargs -0 -r ln -s -t . 2>/dev/null) || true # what is there already stays
done
exec chroot "$root" sh -eu "$2"
