#!/bin/sh
# What the entry point of Docker Hub's Redis does: options alone become those of the server; as root it hands over its directory.
set -e

[ "${1#-}" = "$1" ] || set -- redis-server "$@"
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    chown -R 999:999 .
    exec setpriv --reuid=999 --regid=999 --clear-groups -- "$0" "$@"
fi
umask 0077
exec "$@"
