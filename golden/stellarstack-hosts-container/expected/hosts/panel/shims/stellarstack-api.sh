#!/bin/sh
# Stands before the image's own process. Generated; change the profile instead.
set -eu
SERVICE=stellarstack-api
LINE_BREAK='
'

# EX_CONFIG of sysexits.h: the operator must act, another try changes nothing.
refuse() {
  printf '%s: %s\n' "$SERVICE" "$1" >&2
  exit 78
}

# read_secret NAME LENGTH: leaves the text of a secret, without its last line break, in `value`. Never prints it.
read_secret() {
  file=/run/secrets/$1
  [ -f "$file" ] || refuse "secret \`$1\` is missing; create it with \`stockade generate\` and start again"
  [ -r "$file" ] || refuse "secret \`$1\` cannot be read by this user; run \`install.sh\` as root and start again"
  # The letter keeps line breaks that command substitution would drop.
  value=$(cat "$file" && echo .) || refuse "secret \`$1\` cannot be read; look at its file and start again"
  value=${value%.}
  value=${value%"$LINE_BREAK"}
  [ "${#value}" -ge "$2" ] || refuse "secret \`$1\` is shorter than $2 characters; rotate it and start again"
}

read_secret api_postgres_password 43  # why: secrets-out-of-environment
PGPASSWORD=$value
export PGPASSWORD
read_secret better_auth_secret 64  # why: secrets-out-of-environment
BETTER_AUTH_SECRET=$value
export BETTER_AUTH_SECRET
read_secret redis_url 70  # why: secrets-out-of-environment
REDIS_URL=$value
export REDIS_URL
unset value

exec node dist/main.js
