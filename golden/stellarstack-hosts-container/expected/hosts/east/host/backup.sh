#!/bin/sh
# Writes one encrypted file with everything that cannot be made again. Generated; change the profile instead.
# The passphrase comes from a file and never stands on a command line. Prints the name of the new file.
set -eu
umask 077

cd "$(dirname "$0")/.."
KEY=$PWD/secrets/backup_passphrase
TARGET=/var/backups/stellarstack
KEEP=48
DATA=/var/lib/stellarstack

die() {
  printf 'backup: %s\n' "$1" >&2
  exit 1
}

command -v gpg >/dev/null || die 'gpg is missing; install the package gnupg'
[ -s "$KEY" ] || die "the passphrase $KEY is missing or empty; run \`stockade generate\`"
mkdir -p "$TARGET"
chmod 0700 "$TARGET"

# The name tells which passphrase opens the file; the start of a digest says nothing about 48 random bytes.
key_id=$(sha256sum <"$KEY" | cut -c1-8)
file=$TARGET/stellarstack-$(date -u +%Y%m%dT%H%M%SZ)-key-$key_id.tar.gz.gpg
[ ! -e "$file" ] || die "$file is there already; wait a second"
work=$(mktemp -d "$TARGET/.work.XXXXXX")
trap 'gpgconf --homedir "$work" --kill all 2>/dev/null || :; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

set --
# The backups of game servers that the panel has made, which lie there in clear.
if [ -d "$DATA/backups" ]; then
  set -- "$@" -C "$DATA" backups
fi
[ "$#" -gt 0 ] || die 'there is nothing to back up yet'

crypt() {
  gpg --homedir "$work" --batch --quiet --no-options --pinentry-mode loopback --passphrase-file "$KEY" "$@"
}

# What fails in front of a pipe leaves a mark; the pipe itself would hide it.
{ tar -cz "$@" || : >"$work/failed"; } |
  crypt --symmetric --cipher-algo AES256 --s2k-digest-algo SHA512 --s2k-count 65011712 --output "$work/encrypted"
[ ! -e "$work/failed" ] || die 'tar could not read everything'

# Only what can be read to its end gets a name.
{ crypt --decrypt "$work/encrypted" || : >"$work/failed"; } | tar -tz >/dev/null || die 'the new backup cannot be read'
[ ! -e "$work/failed" ] || die 'the new backup cannot be decrypted'
mv "$work/encrypted" "$file"

# The newest stay. Names sort by time and hold no blanks.
count=0
for old in $(find "$TARGET" -maxdepth 1 -name 'stellarstack-*.tar.gz.gpg' -printf '%f\n' | sort -r); do
  count=$((count + 1))
  [ "$count" -le "$KEEP" ] || rm -f "$TARGET/$old"
done
printf '%s\n' "$file"
