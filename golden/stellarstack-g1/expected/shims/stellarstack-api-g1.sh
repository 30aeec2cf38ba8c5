#!/bin/sh
# Stands before the image's own process. Generated; change the profile instead.
set -eu
SERVICE=stellarstack-api-g1
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

read_secret better_auth_secret 64  # why: secrets-out-of-environment
BETTER_AUTH_SECRET=$value
export BETTER_AUTH_SECRET
read_secret database_url 60  # why: secrets-out-of-environment
DATABASE_URL=$value
export DATABASE_URL
read_secret discord_client_secret 8  # why: secrets-out-of-environment
DISCORD_CLIENT_SECRET=$value
export DISCORD_CLIENT_SECRET
read_secret download_token_secret 64  # why: secrets-out-of-environment
DOWNLOAD_TOKEN_SECRET=$value
export DOWNLOAD_TOKEN_SECRET
read_secret encryption_key 64  # why: secrets-out-of-environment
ENCRYPTION_KEY=$value
export ENCRYPTION_KEY
read_secret github_client_secret 8  # why: secrets-out-of-environment
GITHUB_CLIENT_SECRET=$value
export GITHUB_CLIENT_SECRET
read_secret google_client_secret 8  # why: secrets-out-of-environment
GOOGLE_CLIENT_SECRET=$value
export GOOGLE_CLIENT_SECRET
read_secret jwt_secret 64  # why: secrets-out-of-environment
JWT_SECRET=$value
export JWT_SECRET
read_secret smtp_password 8  # why: secrets-out-of-environment
SMTP_PASS=$value
export SMTP_PASS
unset value

exec node dist/index.js
