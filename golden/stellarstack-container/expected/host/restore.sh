#!/bin/sh
# Unpacks an encrypted backup into a new directory. Generated; change the profile instead.
#   restore.sh FILE DIRECTORY   unpacks; the directory must not exist or be empty
#   restore.sh --check FILE     reads it to its end and unpacks nothing
# Another passphrase than the bundle's: KEY=/path/to/passphrase restore.sh …
set -eu
umask 077

bundle=$(cd "$(dirname "$0")/.." && pwd)
KEY=${KEY:-$bundle/secrets/backup_passphrase}

die() {
  printf 'restore: %s\n' "$1" >&2
  exit 1
}

check=no
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi
file=${1:-}
target=${2:-}
[ -n "$file" ] || die 'name the backup'
[ -f "$file" ] || die "there is no file $file"
[ -s "$KEY" ] || die "the passphrase $KEY is missing or empty"
if [ "$check" = no ]; then
  [ -n "$target" ] || die 'name the directory to unpack into'
  mkdir -p "$target"
  [ -z "$(find "$target" -mindepth 1 -print -quit)" ] || die "$target is not empty"
fi

work=$(mktemp -d)
trap 'gpgconf --homedir "$work" --kill all 2>/dev/null || :; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Reads the archive through gpg; what fails in front of the pipe leaves a mark.
read_with() {
  rm -f "$work/failed"
  {
    gpg --homedir "$work" --batch --quiet --no-options --pinentry-mode loopback --passphrase-file "$KEY" \
      --decrypt "$file" || : >"$work/failed"
  } | "$@" || : >"$work/damaged"
  [ ! -e "$work/failed" ] || {
    id=$(sha256sum <"$KEY" | cut -c1-8)
    die "gpg cannot decrypt $file; its name tells the key, and this passphrase is key-$id"
  }
  [ ! -e "$work/damaged" ] || die "$file is damaged"
}

# First it is read to its end, then it is unpacked: half a backup looks like a whole one.
read_with tar -tz >"$work/list"
if [ "$check" = yes ]; then
  printf 'complete: %s\n' "$file"
  exit 0
fi
read_with tar -xz -C "$target" --no-same-owner
printf '%s\n' "$target"
