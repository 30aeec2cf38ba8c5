#!/bin/sh
# Rotates a secret of the panel. Generated; change the profile instead.
#   rotate.sh better_auth_secret
set -eu
umask 077
cd "$(dirname "$0")/.."

die() {
  printf 'rotate: %s\n' "$1" >&2
  exit 1
}

case ${1:-} in
better_auth_secret) ;;
encryption_key)
  die 'refused: no tool encrypts anew, so a new key makes node tokens, keys of integrations and SFTP passwords unreadable; see the runbook in HARDENING.md'
  ;;
*) die 'name the secret: better_auth_secret' ;;
esac

printf 'Everybody is logged out, and links in mails that are on their way end. Go on? [yes/no] ' >&2
read -r answer
[ "$answer" = yes ] || die 'nothing was changed'

secret=secrets/better_auth_secret
[ -s "$secret" ] || die "$secret is missing; run \`stockade generate\`"
cp -p "$secret" "$secret.old"
new=$(od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n')
[ "$(printf %s "$new" | wc -c)" -eq 64 ] || die 'the system gave too little randomness'
# Into the file itself: owner and mode stay, and the container's mount shows the same file.
printf '%s\n' "$new" >"$secret"
docker compose up -d --force-recreate stellarstack-api
printf 'rotated; the old value is in %s.old, delete it when all is well\n' "$secret" >&2
