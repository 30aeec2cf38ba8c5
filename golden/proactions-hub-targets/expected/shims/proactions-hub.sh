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

read_secret anthropic_api_key 20  # why: secrets-out-of-environment
ANTHROPIC_API_KEY=$value
export ANTHROPIC_API_KEY
read_secret aws_bedrock_access_key_id 16  # why: secrets-out-of-environment
AWS_BEDROCK_ACCESS_KEY_ID=$value
export AWS_BEDROCK_ACCESS_KEY_ID
read_secret aws_bedrock_secret_access_key 32  # why: secrets-out-of-environment
AWS_BEDROCK_SECRET_ACCESS_KEY=$value
export AWS_BEDROCK_SECRET_ACCESS_KEY
read_secret credential_archive 12  # why: secrets-out-of-environment
CREDENTIAL_ARCHIVE=$value
export CREDENTIAL_ARCHIVE
read_secret credential_files 12  # why: secrets-out-of-environment
CREDENTIAL_FILES=$value
export CREDENTIAL_FILES
read_secret credential_groq 12  # why: secrets-out-of-environment
CREDENTIAL_GROQ=$value
export CREDENTIAL_GROQ
read_secret credential_mistral_moderation 12  # why: secrets-out-of-environment
CREDENTIAL_MISTRAL_MODERATION=$value
export CREDENTIAL_MISTRAL_MODERATION
read_secret credential_openai_sport 12  # why: secrets-out-of-environment
CREDENTIAL_OPENAI_SPORT=$value
export CREDENTIAL_OPENAI_SPORT
read_secret credential_own_endpoint 12  # why: secrets-out-of-environment
CREDENTIAL_OWN_ENDPOINT=$value
export CREDENTIAL_OWN_ENDPOINT
read_secret credential_own_subscription 12  # why: secrets-out-of-environment
CREDENTIAL_OWN_SUBSCRIPTION=$value
export CREDENTIAL_OWN_SUBSCRIPTION
read_secret credential_vertex_news 12  # why: secrets-out-of-environment
CREDENTIAL_VERTEX_NEWS=$value
export CREDENTIAL_VERTEX_NEWS
read_secret credential_wires 12  # why: secrets-out-of-environment
CREDENTIAL_WIRES=$value
export CREDENTIAL_WIRES
read_secret elevenlabs_key 20  # why: secrets-out-of-environment
ELEVENLABS_KEY=$value
export ELEVENLABS_KEY
read_secret hub_redis_url 64  # why: secrets-out-of-environment
PROACTIONS_REDIS_URL=$value
export PROACTIONS_REDIS_URL
read_secret hub_session_secret 43  # why: secrets-out-of-environment
PROACTIONS_SESSION_SECRET=$value
export PROACTIONS_SESSION_SECRET
read_secret mistral_api_key 20  # why: secrets-out-of-environment
MISTRAL_API_KEY=$value
export MISTRAL_API_KEY
read_secret openai_api_key 20  # why: secrets-out-of-environment
OPENAI_API_KEY=$value
export OPENAI_API_KEY
unset value

exec node dist/main.js
