#!/bin/sh
# What the scripts beside it have in common; they read it. `load` stands alone, since it runs before anything else is there.
# Text in single quotes is for `sh -c`, which expands it; not each script uses all of this.
# shellcheck disable=SC2016,SC2034
set -eu
umask 077
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C
STATE=${STOCKADE_STATE_DIR:-/run/stockade}

say() {
  printf '%s\n' "$*" >&2
}

# die STATUS MESSAGE: 1 refused or different, 2 wrong usage or input, 3 the machine failed.
die() {
  status=$1
  shift
  printf 'error: %s\n' "$*" >&2
  exit "$status"
}

# need TOOL HELP
need() {
  command -v "$1" >/dev/null 2>&1 || die 3 "\`$1\` is missing and nothing was changed; $2"
}

# Seconds since the host started, which nobody sets back or forth.
now() {
  IFS='. ' read -r seconds _ </proc/uptime
  printf '%s\n' "$seconds"
}

# Do the loaded rules belong to another bundle? Rules that somebody flushed have lost their mark and are ours.
rules_foreign() {
  if ! rules_loaded || rules_empty; then return 1; fi
  owner=$(rules_owner)
  [ "$owner" != "$OWNER" ]
}

need_root() {
  [ "$(id -u)" -eq 0 ] || die 3 "only root can read and change firewall rules; run it with \`sudo\`"
}

# Everything under $STATE is read and written with this lock held.
lock() {
  need flock "install the package \`util-linux\`"
  mkdir -p "$STATE"
  chmod 0700 "$STATE"
  exec 9>"$STATE/lock"
  flock 9
}

# --- this bundle, as generated
OWNER=bundle-hyos
KIND=nftables
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
RULES=$HERE/stockade.nft

# --- what nftables needs: the functions every kind of firewall has
BOOT_RULES=${STOCKADE_ROOT:-}/etc/stockade/firewall.nft
BOOT_LOADER=${STOCKADE_ROOT:-}/etc/stockade/firewall-load

rules_need_tools() {
  need nft "install the package \`nftables\`"
  need unshare "install the package \`util-linux\`"
  # Loading the modules needs the kernel's consent, which containers and some appliances refuse.
  nft list tables >/dev/null || die 3 "the kernel refuses nftables (see above); rules can only be loaded on the host itself"
}

rules_loaded() {
  nft list table inet stockade >/dev/null 2>&1
}

# Prints the mark of the bundle that loaded the table, or nothing.
rules_owner() {
  nft list chain inet stockade bundle 2>/dev/null | sed -n 's/.*comment "\(.*\)".*/\1/p'
}

# Is the table there without a single rule? `nft flush table` leaves chains with their policies.
rules_empty() {
  rules_loaded && ! nft -a -t list table inet stockade | grep '# handle' | grep -qvE '^[[:blank:]]*(table|chain|set|map) '
}

SETS='admin4 admin6'
export SETS

# Rules and address sets as nft prints them, without counters and without what the limits have counted.
LISTING='nft -s -t list table inet stockade && for set in $SETS; do
  nft -s list set inet stockade "$set" || exit 1
done'

rules_live() {
  sh -c "$LISTING"
}

# What FILE would look like when loaded: asked of the same nft in a network namespace that ends with the command.
rules_wanted() {
  unshare -n sh -c 'nft -f "$1" || exit 1
'"$LISTING" rules "$1"
}

rules_load() {
  nft -f "$1"
}

# --- loading at boot
BOOT_UNIT=${STOCKADE_ROOT:-}/etc/systemd/system/stockade-firewall.service
UNIT=$HERE/stockade-firewall.service
UNIT_NAME=stockade-firewall.service

has_systemd() {
  [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1
}

# systemctl, below STOCKADE_ROOT where that is set.
units() {
  if [ -n "${STOCKADE_ROOT:-}" ]; then systemctl --root="$STOCKADE_ROOT" "$@"; else systemctl "$@"; fi
}

# Is anything of what loads the rules at boot there?
boot_there() {
  [ -e "$BOOT_RULES" ] || [ -L "$BOOT_UNIT" ] || [ -e "$BOOT_UNIT" ] || [ -e "$BOOT_LOADER" ]
}

# What keeps the host from booting with the rules of this bundle, a line each.
boot_problems() {
  if [ ! -f "$BOOT_RULES" ]; then
    echo "\`$BOOT_RULES\` is missing"
  elif ! cmp -s "$RULES" "$BOOT_RULES"; then
    echo "\`$BOOT_RULES\` holds other rules"
  fi
  if [ ! -f "$BOOT_LOADER" ]; then
    echo "\`$BOOT_LOADER\` is missing"
  elif ! cmp -s "$HERE/load" "$BOOT_LOADER"; then
    echo "\`$BOOT_LOADER\` is another script"
  fi
  if [ ! -f "$BOOT_UNIT" ] || [ -L "$BOOT_UNIT" ]; then
    echo "\`$BOOT_UNIT\` is missing"
    return
  fi
  cmp -s "$UNIT" "$BOOT_UNIT" || echo "\`$BOOT_UNIT\` is another unit"
  for part in "$BOOT_UNIT.d" "${STOCKADE_ROOT:-}/run/systemd/system/$UNIT_NAME.d"; do
    if grep -qsE '^[[:blank:]]*(Exec|Condition|Assert|Type|User|RootDirectory)[A-Za-z]*[[:blank:]]*=' "$part"/*.conf; then
      echo "\`$part\` changes what the unit does"
    fi
  done
  if ! command -v systemctl >/dev/null 2>&1; then return; fi
  state=$(units is-enabled "$UNIT_NAME" 2>/dev/null) || true
  [ "$state" = enabled ] || echo "the unit is not enabled, but \`${state:-unknown}\`"
  if [ -z "${STOCKADE_ROOT:-}" ] && has_systemd; then
    state=$(systemctl is-active "$UNIT_NAME" 2>/dev/null) || true
    [ "$state" = active ] || echo "the unit is not active, but \`${state:-unknown}\`: \`journalctl -u $UNIT_NAME\` knows more"
  fi
}
