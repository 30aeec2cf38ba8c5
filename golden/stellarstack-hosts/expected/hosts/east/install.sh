#!/bin/sh
# Makes the directories of this bundle, gives its files their owners and modes, and looks whether this host can start it.
# Generated; see `install.sh --help`.
set -eu
umask 077
BASE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)

usage() {
  cat <<'END'
usage: install.sh [--check | --force]

Run it as root on the host where the stack is to run, after the bundle was copied there and while the stack is stopped.
Running it again changes nothing that is right already. It looks at the host first, and changes nothing where the stack
could not start: `error:` says what is in the way and `warning:` what you should look at.

  --check  change nothing; list every owner and mode that differs, and what of the host is in the way
  --force  go on although the stack cannot start
  --help   this text

status: 0 fine; 1 something differs, or the stack cannot start; 2 wrong usage; 3 it could not be done
END
}

# Owner and mode of every directory, parents first; `-` is whoever owns the bundle.
directories() {
  :
  "$1" secrets - 0700
}

# Owner and mode of every file.
files() {
  :
  "$1" secrets/backup_passphrase - 0400  # why: secret-file-modes
  "$1" secrets/node_signing_key - 0400  # why: secret-file-modes
  "$1" host/backup.sh 0:0 0500  # why: file-permissions
  "$1" host/stellar-backup.service 0:0 0644  # why: file-permissions
  "$1" host/stellar-backup.timer 0:0 0644  # why: file-permissions
  "$1" host/config.toml 0:0 0600  # why: file-permissions
  "$1" host/stellar-daemon.service 0:0 0644  # why: file-permissions
  "$1" host/daemon.json 0:0 0644  # why: file-permissions
  "$1" host/restore.sh 0:0 0500  # why: file-permissions
}

# Generated files that containers read, and whatever lies below: a copy under a narrow umask would shut them.
readable() {
  "$1" proxy/dynamic
  "$1" proxy/traefik.yml
}

# What the services ask of this host.
needs() {
  engine
  processors proxy 2  # why: cpu-limit
  memory 290 proxy 290  # why: memory-limit
  open_files proxy 16384
  network panel_front br-panel-front -
  network panel_panel-edge br-panel-a128 10.91.30.0/28
  certificate proxy proxy.tls.certificate /etc/ssl/panel/fullchain.pem 65532:65532
  certificate proxy proxy.tls.key /etc/ssl/panel/privkey.pem 65532:65532
}

die() {
  status=$1
  shift
  printf 'error: %s\n' "$*" >&2
  exit "$status"
}

# What keeps the stack from starting.
refuse() {
  printf 'error: %s\n' "$*" >&2
  refused=yes
}

warn() {
  printf 'warning: %s\n' "$*" >&2
}

differs() {
  printf '%s\n' "$*"
  different=yes
}

# word TEXT: prints it as one word that a shell reads back.
word() {
  case $1 in
    *[!A-Za-z0-9_./:@+-]*) printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s' "$1" ;;
  esac
}

# older VERSION LEAST
older() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# Engine and kernel, as Docker tells.
engine() {
  # Words are split on purpose: the last ones are a list.
  # shellcheck disable=SC2046
  set -- $(docker info --format '{{.ServerVersion}} {{.MemoryLimit}} {{.CPUCfsQuota}} {{.PidsLimit}} {{range .SecurityOptions}}{{.}} {{end}}' 2>/dev/null || :)
  case ${1:-} in
    [0-9]*) ;;
    *)
      if [ -S "/run/user/${SUDO_UID:-0}/docker.sock" ]; then
        rootless
      else
        warn "\`docker info\` does not answer, so nothing of Docker was looked at; install and start it before the stack"
      fi
      return 0
      ;;
  esac
  # Control groups of their own came with 20.10.
  if older "$1" 20.10; then refuse "Docker $1 is too old; install 20.10 or later"; fi
  compose
  [ "$2" = true ] || no_memory_limits
  [ "$3" = true ] || no_processor_limits
  [ "$4" = true ] || no_process_limits
  shift 4
  for option in "$@"; do
    case $option in
      name=rootless*) rootless ;;
      name=userns*)
        refuse "Docker maps users (\`userns-remap\`), so files that are made for a container's user are another one's;" \
          "take \`userns-remap\` out of /etc/docker/daemon.json and of dockerd's arguments, and restart Docker"
        ;;
      name=selinux*)
        selinux=yes
        labels
        ;;
    esac
  done
}

rootless() {
  refuse "this Docker is rootless: it maps users, publishes no port below 1024 and hides the addresses of clients;" \
    "install Docker for the whole host and start the stack there"
}

compose() {
  found=$(docker compose version --short 2>/dev/null) || found=$(docker-compose version --short 2>/dev/null) || found=
  case ${found#v} in
    [0-9]*)
      if older "${found#v}" 2.26; then refuse "Docker Compose ${found#v} is too old; install 2.26 or later"; fi
      ;;
    *) warn "\`docker compose version\` does not answer; install the Compose plugin, 2.26 or later, before you start the stack" ;;
  esac
}

# Compose gives no label to file secrets, so the files themselves must have one.
labels() {
  for path in "$BASE" "$BASE"/*; do
    labelled "$path" && continue
    refuse "Docker enforces SELinux, and \`$path\` has no label that containers may use;" \
      "\`sudo chcon -R -t container_file_t $(word "$BASE")\` sets it;" \
      "\`sudo semanage fcontext -a -t container_file_t $(word "$BASE(/.*)?")\` keeps it when the host is labelled anew"
    return 0
  done
}

labelled() {
  case $(stat -L -c %C -- "$1") in
    *:container_file_t:*) ;;
    *) return 1 ;;
  esac
}

no_memory_limits() {
  warn "this kernel limits no memory, so a service may take all of it: its memory control group is off;" \
    "add \`cgroup_enable=memory swapaccount=1\` to the kernel's command line and restart the host"
}

no_processor_limits() {
  refuse "this kernel limits no processors, so the engine will refuse every service that has such a limit;" \
    "take a kernel with CONFIG_CFS_BANDWIDTH, or waive \`cpu-limit\` in the profile"
}

no_process_limits() {
  warn "this kernel limits no processes, so a service may start as many as it likes: its control group \`pids\` is off;" \
    "take a kernel with CONFIG_CGROUP_PIDS"
}

# processors SERVICE COUNT: an engine starts no container whose limit is above the processors of the host.
processors() {
  [ "$2" -gt "$PROCESSORS" ] || return 0
  refuse "\`$1\` may use $2 processors and this host has $PROCESSORS, so the engine will refuse to start it;" \
    "write \`services: {$1: {resources: {cpus: \"$PROCESSORS\"}}}\` in the profile and generate again"
}

# memory SUM SERVICE LARGEST, in MiB: nothing is wrong until the services use what they may.
memory() {
  there=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo) || return 0
  [ "$1" -gt "${there:-$1}" ] || return 0
  less=$(($3 - $1 + there))
  way="write smaller limits under \`services.NAME.resources.memory\` in the profile and generate again"
  if [ "$less" -ge 256 ]; then
    way="write \`services: {$2: {resources: {memory: ${less}m}}}\` in the profile if that is enough, and generate again"
  fi
  warn "the services may use $1 MiB of memory together and this host has $there MiB, so under load the kernel will end" \
    "some of them; $way, or add memory"
}

# open_files SERVICE COUNT: no limit is above the kernel's, nor above the engine's own where it may not raise that.
open_files() {
  most=$(cat /proc/sys/fs/nr_open) || return 0
  if [ "$2" -gt "$most" ]; then
    refuse "\`$1\` may open $2 files and the kernel allows a process $most, so the engine will refuse to start it;" \
      "\`sudo sysctl -w fs.nr_open=$2\` allows as many, until the host restarts"
    return 0
  fi
  most=$(engine_files) || return 0
  [ "$2" -gt "${most:-$2}" ] || return 0
  refuse "\`$1\` may open $2 files and the engine itself $most, so it will refuse to start it; write" \
    "\`services: {$1: {resources: {files: $most}}}\` in the profile and generate again, or raise \`LimitNOFILE\` of the engine"
}

# The hard limit of what starts containers, where it may not raise it: without CAP_SYS_RESOURCE (bit 24), or on a host that is
# a container itself.
engine_files() {
  pid=$(pidof containerd || pidof dockerd) || return 1
  pid=${pid%% *}
  may_raise=$(awk '/^CapEff:/ { print $2 }' "/proc/$pid/status")
  if [ $((0x${may_raise:-0} >> 24 & 1)) -eq 1 ] && awk '{ exit !($1 == 0 && $3 == 4294967295) }' "/proc/$pid/uid_map"; then
    return 1
  fi
  awk '/^Max open files/ && $5 ~ /^[0-9]+$/ { print $5 }' "/proc/$pid/limits"
}

# network NAME BRIDGE SUBNET: what the engine makes must be nobody else's on this host; `-` is a subnet that it takes itself.
network() {
  if docker network inspect "$1" >/dev/null 2>&1; then return 0; fi
  if ip link show dev "$2" >/dev/null 2>&1; then
    refuse "the network \`$1\` gets the interface \`$2\`, which this host has already; give the stack another \`name\` in the" \
      "profile, or remove what has it: \`ip -d link show $2\`"
  fi
  case $3 in - | *:*) return 0 ;; esac
  there=$(ip -4 -o route show root "$3" 2>/dev/null | head -n 1) || return 0
  if [ -n "$there" ]; then
    refuse "the network \`$1\` has the subnet $3, and this host has \`${there%% proto*}\` already; give it another one in the" \
      "profile's \`settings\` and generate again"
    return 0
  fi
  there=$(ip -4 -o route show match "$3" 2>/dev/null | grep -v '^default' | head -n 1) || return 0
  if [ -n "$there" ]; then
    warn "the network \`$1\` has the subnet $3, which this host reaches by \`${there%% proto*}\`: addresses there are cut off;" \
      "give it another one in the profile's \`settings\` if something of yours has them"
  fi
}

# certificate SERVICE KEY PATH USER: a file of the operator's that the proxy reads; `-` as user is Podman, which hands it over.
certificate() {
  real=$(readlink -f -- "$3") || real=$3
  if [ ! -f "$real" ]; then
    refuse "\`$3\` is missing, the file of \`$2\` in the profile; put it there before the start"
  elif [ "$4" != - ] && ! may "$4" - r "$real"; then
    refuse "\`$3\` cannot be read by \`$1\`, which runs as $4, so no connection would get a certificate;" \
      "\`sudo chgrp ${4#*:} $(word "$real") && sudo chmod g+r $(word "$real")\` lets it"
  elif [ "$selinux" = yes ] && ! labelled "$real"; then
    refuse "Docker enforces SELinux, and \`$real\` has no label that containers may use;" \
      "\`sudo chcon -t container_file_t $(word "$real")\` sets it"
  fi
}

# may USER GROUPS RIGHT PATH: whether that user may, without a capability. Directories on the way do not count: the engine
# goes there, not the container. The kernel knows of access lists, so it is asked where `setpriv` is there.
may() {
  if command -v setpriv >/dev/null; then
    groups=--clear-groups
    if [ "$2" != - ]; then groups=--groups=$2; fi
    # shellcheck disable=SC2016
    setpriv --reuid="${1%:*}" --regid="${1#*:}" "$groups" sh -c 'test "-$0" /proc/self/fd/3' "$3" 3<"$4" 2>/dev/null
    return
  fi
  mode=$((0$(stat -L -c %a -- "$4")))
  has=$(stat -L -c '%u %g' -- "$4")
  case "$3" in r) bit=4 ;; w) bit=2 ;; *) bit=1 ;; esac
  if [ "${has% *}" = "${1%:*}" ]; then
    mode=$((mode >> 6))
  else
    case ",${1#*:},$2," in *",${has#* },"*) mode=$((mode >> 3)) ;; esac
  fi
  [ $((mode & bit)) -ne 0 ]
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

# Does the file that `enter` has found have a second name? Owner and mode would change there too, wherever that is.
linked() {
  [ ! -d "$name" ] && [ "$(stat -c '%h' -- "$name")" -gt 1 ]
}

# single PATH OWNER MODE: says which files have a second name, of those that are to be changed.
single() {
  if ! enter "$1" || [ ! -e "$name" ]; then return 0; fi
  wanted "$2"
  if [ "$(stat -c '%u:%g' -- "$name") $(mode_of "$name")" != "$owner $3" ] && linked; then several "$1"; fi
}

several() {
  printf 'error: %s\n' "\`$1\` has a second name (a hard link), whose owner and mode would change too; make it a file of its own: \`cp -p $1 $1.copy && mv $1.copy $1\`" >&2
  links=yes
}

# settle PATH OWNER MODE: only what differs is touched.
settle() {
  if ! enter "$1" || [ ! -e "$name" ]; then die 3 "\`$1\` is missing; copy the whole bundle and run this again"; fi
  wanted "$2"
  seen=$((seen + 1))
  found="$(stat -c '%u:%g' -- "$name") $(mode_of "$name")"
  if [ "$found" != "$owner $3" ] && linked; then
    several "$1"
    exit 3
  fi
  if [ "${found% *}" != "$owner" ]; then chown -h -- "$owner" "$name"; fi
  # Bits may go with the owner, so they are looked at afterwards.
  if [ "$(mode_of "$name")" != "$3" ]; then set_mode "$3" "$name"; fi
  if [ "$found" != "$owner $3" ]; then changed=$((changed + 1)); fi
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
  seen=$((seen + 1))
  if ! enter "$1" || [ ! -e "$name" ]; then
    differs "$1: is missing"
    return
  fi
  wanted "$2"
  found=$(stat -c '%u:%g' -- "$name")
  [ "$found" = "$owner" ] || differs "$1: owner is $found, should be $owner"
  found=$(mode_of "$name")
  [ "$found" = "$3" ] || differs "$1: mode is $found, should be $3"
  single "$@"
}

# shut: what others cannot read, or enter, of what `enter` has found
shut() {
  find "$name" \( -type d ! -perm -0005 -o -type f ! -perm -0004 \) "$@"
}

# single_below PATH: the same of what `open` would change
single_below() {
  if ! enter "$1" || [ ! -e "$name" ]; then return 0; fi
  found=$(find "$name" -type f ! -perm -0004 -links +1)
  if [ -n "$found" ]; then several "${1%"$name"}$(printf '%s\n' "$found" | head -n 1)"; fi
}

# open PATH
open() {
  if ! enter "$1" || [ ! -e "$name" ]; then die 3 "\`$1\` is missing; copy the whole bundle and run this again"; fi
  seen=$((seen + 1))
  [ -z "$(shut)" ] || changed=$((changed + 1))
  shut ! \( -type f -links +1 \) -exec chmod go+rX {} +
}

# opened PATH
opened() {
  seen=$((seen + 1))
  if ! enter "$1" || [ ! -e "$name" ]; then
    differs "$1: is missing"
    return
  fi
  [ -z "$(shut)" ] || differs "$1: containers cannot read all of it"
  single_below "$1"
}

wanted() {
  owner=$1
  if [ "$owner" = - ]; then owner=$BUNDLE_OWNER; fi
}

mode_of() {
  printf '%04d' "$(stat -c '%a' -- "$1")"
}

check_only=no
force=no
case $#:${1:-} in
  0:) ;;
  1:--check) check_only=yes ;;
  1:--force) force=yes ;;
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
PROCESSORS=$(nproc) || die 3 "the processors of this host cannot be counted; install \`nproc\` of coreutils"
different=no
refused=no
selinux=no
links=no
seen=0
changed=0
needs
if [ "$check_only" = yes ]; then
  directories compare
  files compare
  readable opened
  if [ "$different" = yes ] || [ "$refused" = yes ] || [ "$links" = yes ]; then exit 1; fi
  printf '%s directories and files have the owner and mode they should have\n' "$seen"
  exit 0
fi
if [ "$refused" = yes ] && [ "$force" = no ]; then
  printf 'nothing was changed: the stack could not start; mend what is said above, or run this again with --force\n' >&2
  exit 1
fi
files single
readable single_below
if [ "$links" = yes ]; then die 3 "nothing was changed; run this again once each file has one name"; fi
directories make
# Files first: as long as the directories are the bundle owner's, no application can move anything in them.
files settle
directories settle
readable open
printf '%s directories and files have the owner and mode they should have, %s of them changed\n' "$seen" "$changed"
