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

read_secret admin_key_1 43  # why: secrets-out-of-environment
PROACTIONS_ADMIN_KEY_1=$value
export PROACTIONS_ADMIN_KEY_1
read_secret admin_key_2 43  # why: secrets-out-of-environment
PROACTIONS_ADMIN_KEY_2=$value
export PROACTIONS_ADMIN_KEY_2
read_secret aws_bedrock_access_key_id 16  # why: secrets-out-of-environment
AWS_BEDROCK_ACCESS_KEY_ID=$value
export AWS_BEDROCK_ACCESS_KEY_ID
read_secret aws_bedrock_secret_access_key 32  # why: secrets-out-of-environment
AWS_BEDROCK_SECRET_ACCESS_KEY=$value
export AWS_BEDROCK_SECRET_ACCESS_KEY
read_secret aws_bedrock_session_token 16  # why: secrets-out-of-environment
AWS_BEDROCK_SESSION_TOKEN=$value
export AWS_BEDROCK_SESSION_TOKEN
read_secret azure_openai_api_key 20  # why: secrets-out-of-environment
AZURE_OPENAI_API_KEY=$value
export AZURE_OPENAI_API_KEY
read_secret custom_api_key 20  # why: secrets-out-of-environment
CUSTOM_API_KEY=$value
export CUSTOM_API_KEY
read_secret deepl_authorization 20  # why: secrets-out-of-environment
DEEPL_AUTHORIZATION=$value
export DEEPL_AUTHORIZATION
read_secret hub_redis_url 64  # why: secrets-out-of-environment
PROACTIONS_REDIS_URL=$value
export PROACTIONS_REDIS_URL
read_secret hub_session_secret 43  # why: secrets-out-of-environment
PROACTIONS_SESSION_SECRET=$value
export PROACTIONS_SESSION_SECRET
read_secret openai_api_key 20  # why: secrets-out-of-environment
OPENAI_API_KEY=$value
export OPENAI_API_KEY
read_secret remote_mcp_token 16  # why: secrets-out-of-environment
REMOTE_MCP_TOKEN=$value
export REMOTE_MCP_TOKEN
read_secret vertex_private_key 200  # why: secrets-out-of-environment
VERTEX_PRIVATE_KEY=$value
export VERTEX_PRIVATE_KEY
read_secret workers_ai_api_key 20  # why: secrets-out-of-environment
WORKERS_AI_API_KEY=$value
export WORKERS_AI_API_KEY
read_secret youtube_client_secret_1 16  # why: secrets-out-of-environment
YOUTUBE_CLIENT_SECRET_1=$value
export YOUTUBE_CLIENT_SECRET_1
read_secret youtube_client_secret_2 16  # why: secrets-out-of-environment
YOUTUBE_CLIENT_SECRET_2=$value
export YOUTUBE_CLIENT_SECRET_2
unset value

exec /usr/bin/container-entrypoint node dist/main.js
