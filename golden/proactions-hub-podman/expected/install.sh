#!/bin/sh
# Makes the directories of this bundle and gives its files their owners and modes. Generated; see `install.sh --help`.
set -eu
umask 077
BASE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)

usage() {
  cat <<'END'
usage: install.sh [--check]

Run it as root on the host where the stack is to run, after the bundle was copied there and while the stack is stopped.
Running it again changes nothing that is right already.

  --check  change nothing; list every owner and mode that differs
  --help   this text

status: 0 fine; 1 something differs; 2 wrong usage; 3 it could not be done
END
}

# Owner and mode of every directory, parents first; `-` is whoever owns the bundle.
directories() {
  :
  "$1" secrets - 0700
  "$1" data/proxy 65532:65532 0700  # why: file-permissions
  "$1" local/scripts 1001:0 0750  # why: file-permissions
  "$1" logs 1001:0 0750  # why: file-permissions
  "$1" tokens 1001:0 0700  # why: file-permissions
}

# Owner and mode of every file.
files() {
  :
  "$1" secrets/credential_openai_news 1001:0 0400  # why: secret-file-modes
  "$1" secrets/hub_redis_access 999:999 0400  # why: secret-file-modes
  "$1" secrets/hub_redis_password 999:999 0400  # why: secret-file-modes
  "$1" secrets/hub_redis_url 1001:0 0400  # why: secret-file-modes
  "$1" secrets/hub_session_secret 1001:0 0400  # why: secret-file-modes
  "$1" secrets/mistral_api_key 1001:0 0400  # why: secret-file-modes
  "$1" config/config.yaml 1001:0 0600  # why: file-permissions
  "$1" podman/proactionshub.container 0:0 0644  # why: file-permissions
}

# Whole processors that a service's limit asks for.
limits() {
  processors proactions-hub 2  # why: cpu-limit
  processors proxy 2  # why: cpu-limit
}

# processors SERVICE COUNT: Docker starts no container whose limit is above the processors of the host.
processors() {
  [ "$2" -gt "$THERE" ] || return 0
  printf 'warning: %s; %s\n' "\`$1\` may use $2 processors and this host has $THERE, so Docker will refuse to start it" \
    "write \`resources: {cpus: \"$THERE\"}\` below \`services.$1\` in the profile and generate again" >&2
}

die() {
  status=$1
  shift
  printf 'error: %s\n' "$*" >&2
  exit "$status"
}

differs() {
  printf '%s\n' "$*"
  different=yes
}

# enter PATH: goes to the directory that holds it. No link is followed on the way, so nothing outside is ever reached.
enter() {
  cd -P -- "$BASE" || die 3 "\`$BASE\` cannot be entered; copy the bundle there first"
  name=$1
  while [ "${name#*/}" != "$name" ]; do
    part=${name%%/*}
    name=${name#*/}
    [ ! -L "$part" ] || die 3 "\`$1\` leads through a link; remove the link and run this again"
    [ -d "$part" ] || return 1
    cd -P -- "$part" || die 3 "\`$1\` cannot be reached; look at the directories above it"
  done
  [ ! -L "$name" ] || die 3 "\`$1\` is a link; remove it and run this again"
}

# make PATH OWNER MODE
make() {
  enter "$1" || die 3 "the directory above \`$1\` is missing; copy the whole bundle and run this again"
  [ -d "$name" ] || mkdir -- "$name"
}

# settle PATH OWNER MODE: only what differs is touched.
settle() {
  if ! enter "$1" || [ ! -e "$name" ]; then die 3 "\`$1\` is missing; copy the whole bundle and run this again"; fi
  wanted "$2"
  found=$(stat -c '%u:%g' -- "$name")
  if [ "$found" != "$owner" ]; then chown -h -- "$owner" "$name"; fi
  # Bits may go with the owner, so they are looked at afterwards.
  if [ "$(mode_of "$name")" != "$3" ]; then set_mode "$3" "$name"; fi
}

# In a directory that the owner of the file can write, a link could take its place at the last moment: there the change
# is made with that owner's rights, which reach nothing of anyone else.
set_mode() {
  if [ "${owner%:*}" -ne 0 ] && [ "$(stat -c '%u' .)" = "${owner%:*}" ] && command -v setpriv >/dev/null; then
    setpriv --reuid="${owner%:*}" --regid="${owner#*:}" --clear-groups chmod -- "$1" "$2"
  else
    chmod -- "$1" "$2"
  fi
}

# compare PATH OWNER MODE
compare() {
  if ! enter "$1" || [ ! -e "$name" ]; then
    differs "$1: is missing"
    return
  fi
  wanted "$2"
  found=$(stat -c '%u:%g' -- "$name")
  [ "$found" = "$owner" ] || differs "$1: owner is $found, should be $owner"
  found=$(mode_of "$name")
  [ "$found" = "$3" ] || differs "$1: mode is $found, should be $3"
}

wanted() {
  owner=$1
  if [ "$owner" = - ]; then owner=$BUNDLE_OWNER; fi
}

mode_of() {
  printf '%04d' "$(stat -c '%a' -- "$1")"
}

check_only=no
case $#:${1:-} in
  0:) ;;
  1:--check) check_only=yes ;;
  1:--help | 1:-h)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
[ "$(id -u)" -eq 0 ] || die 3 "only root can give files to other users; run it with \`sudo\`"
BUNDLE_OWNER=$(stat -c '%u:%g' -- "$BASE") || die 3 "\`$BASE\` is missing; copy the bundle there first"
different=no
THERE=$(nproc) || die 3 "the processors of this host cannot be counted; install \`nproc\` of coreutils"
limits
if [ "$check_only" = yes ]; then
  directories compare
  files compare
  [ "$different" = no ] || exit 1
  exit 0
fi
directories make
# Files first: as long as the directories are the bundle owner's, no application can move anything in them.
files settle
directories settle
