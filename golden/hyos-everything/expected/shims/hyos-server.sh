#!/bin/sh
# Stands before the image's own process. Generated; change the profile instead.
set -eu
umask 0077
SERVICE=hyos-server
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

read_secret server_password 16  # why: secrets-out-of-environment
SERVER_PASSWORD=$value
export SERVER_PASSWORD
unset value

# The process does not pass SIGTERM on, so this script stays in front, tells the one that must know, and waits for a
# clean end.
# shellcheck disable=SC2317 # the trap calls it
stop() {
  signalled=yes
  [ -n "${!:-}" ] || exit 143
  pkill -TERM -f '[H]ytaleServer.jar' 2>/dev/null || kill -TERM "$!" 2>/dev/null || :
}
trap stop TERM INT

/bin/bash /opt/scripts/entrypoint.sh &
status=
while :; do
  signalled=no
  answer=0
  wait "$!" || answer=$?
  # A 127 after another answer: the child had ended together with the signal, and that answer was its status.
  if [ "$answer" -ne 127 ] || [ -z "$status" ]; then status=$answer; fi
  [ "$signalled" = yes ] || break
done
exit "$status"
