#!/bin/sh
# Stands before the image's own process. Generated; change the profile instead.
set -eu
umask 0027
SERVICE=proactions-hub
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

read_secret credential_openai_news 12  # why: secrets-out-of-environment
CREDENTIAL_OPENAI_NEWS=$value
export CREDENTIAL_OPENAI_NEWS
read_secret hub_redis_url 64  # why: secrets-out-of-environment
PROACTIONS_REDIS_URL=$value
export PROACTIONS_REDIS_URL
read_secret hub_session_secret 43  # why: secrets-out-of-environment
PROACTIONS_SESSION_SECRET=$value
export PROACTIONS_SESSION_SECRET
read_secret mistral_api_key 20  # why: secrets-out-of-environment
MISTRAL_API_KEY=$value
export MISTRAL_API_KEY
unset value

exec node dist/main.js
