#!/bin/sh
# Stands before the image's own process. Generated; change the profile instead.
set -eu
umask 0077

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
