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
# -- this stack
OWNER=bundle-hyos
# -- every stack
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

# Prints the marks of the stacks whose rules are in the table.
rules_owners() {
  nft list chain inet stockade bundle 2>/dev/null | sed -n 's/.*comment "\(.*\)".*/\1/p'
}

# Is the table there without a single rule? `nft flush table` leaves chains with their policies.
rules_empty() {
  rules_loaded && ! nft -a -t list table inet stockade | grep '# handle' | grep -qvE '^[[:blank:]]*(table|chain|set|map) '
}

# Rules and address sets as nft prints them, without counters and without what the limits have counted.
LISTING='nft -s -t list table inet stockade && for set in $SETS; do
  nft -s list set inet stockade "$set" || exit 1
done'

# address_sets FILE: those that nothing but the file fills.
address_sets() {
  awk '$1 == "set" { name = $2 } /flags interval/ { print name }' "$1"
}

rules_live() {
  SETS=$(address_sets "$WHOLE") sh -c "$LISTING"
}

# What FILE would look like when loaded: asked of the same nft in a network namespace that ends with the command.
rules_wanted() {
  SETS=$(address_sets "$1") unshare -n sh -c 'nft -f "$1" || exit 1
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

# Is anything of what loads the rules of this stack at boot there?
boot_there() {
  if [ -d "$BOOT_STACKS/$NAME" ]; then return 0; fi
  [ -z "$(named "$BOOT_STACKS")" ] &&
    { [ -e "$BOOT_RULES" ] || [ -L "$BOOT_UNIT" ] || [ -e "$BOOT_UNIT" ] || [ -e "$BOOT_LOADER" ]; }
}

# What keeps the host from booting with the rules of this stack and of those beside it, a line each.
boot_problems() {
  if [ ! -f "$BOOT_RULES" ]; then
    echo "\`$BOOT_RULES\` is missing"
  elif ! cmp -s "$RULES" "$BOOT_STACKS/$NAME/rules" || ! boot_together rules | cmp -s - "$BOOT_RULES"; then
    echo "\`$BOOT_RULES\` holds other rules"
  fi
  if [ ! -f "$BOOT_LOADER" ]; then
    echo "\`$BOOT_LOADER\` is missing"
  elif ! cmp -s "$HERE/load" "$BOOT_STACKS/$NAME/load" || ! boot_together load | cmp -s - "$BOOT_LOADER"; then
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
# --- the stacks of this host: one set of rules for all of them
# What a stack brought lies in a folder of its name: its rules, its loader, and in `from` its kind and the folder of its bundle.
NAME=${OWNER#bundle-}
# NEXT is what an apply that has begun brings.
NEXT=/nonexistent
KEPT=$STATE/stacks
BOOT_STACKS=${STOCKADE_ROOT:-}/etc/stockade/firewall.d
# Stacks to do without, and the file with the rules of all that stay.
GONE=''
WHOLE=$RULES

# named FOLDER: the stacks that lie in it.
named() {
  for folder in "$1"/*/rules; do
    if [ -f "$folder" ]; then
      folder=${folder%/rules}
      printf '%s\n' "${folder##*/}"
    fi
  done
}

# Other stacks: those that brought something, and those whose mark the kernel has.
others() {
  { named "$NEXT" && named "$KEPT" && named "$BOOT_STACKS" && rules_owners | sed 's/^bundle-//'; } | sort -u |
    while read -r name; do
      case " $NAME $GONE " in *" $name "*) ;; *) printf '%s\n' "$name" ;; esac
    done
}

# piece NAME: the folder with what another stack brought last.
piece() {
  for folder in "$NEXT" "$KEPT" "$BOOT_STACKS"; do
    if [ -f "$folder/$1/rules" ]; then
      printf '%s\n' "$folder/$1"
      return
    fi
  done
  return 1
}

# Stacks whose mark the kernel has, and that brought nothing.
strangers() {
  others | while read -r name; do piece "$name" >/dev/null || printf '%s\n' "$name"; done
}

# quoted: names from standard input in one line.
quoted() {
  sed 's/.*/`&`/' | tr '\n' ' ' | sed 's/ $//; s/ /, /g'
}

# stage FOLDER TARGET: what the bundle whose scripts are in FOLDER brings.
stage() {
  mkdir -p "$2"
  cp "$1/${RULES##*/}" "$2/rules"
  cp "$1/load" "$2/load"
  printf '%s\n%s\n' "$KIND" "${1%/firewall}" >"$2/from"
}

# Joins files of several stacks. Lines of "every stack" must be the same in all of them; names of "this stack alone" get that of the
# stack; what one stack logs is logged for all.
JOIN='
function rewritten(f, s) {
  if (!log_any || logs[f] || s ~ /^[ \t]*#/ || s ~ /^-A STOCKADE-DROP/) return s
  if (s ~ / drop$/) sub(/ drop$/, " goto dropped", s)
  else sub(/ drop  # why:/, " goto dropped  # why:", s)
  sub(/-j DROP$/, "-j STOCKADE-DROP", s)
  return s
}
function own(f, s, alone) {
  if (s ~ /^[ \t]*#/) return s
  gsub(/@[a-z0-9_]+/, "&-" name[f], s)
  gsub(/jump egress/, "&-" name[f], s)
  gsub(/STOCKADE-(PKT|LIM|EGR)/, "&-" f, s)
  if (alone) sub(/^  (set|chain) [a-z0-9_]+/, "&-" name[f], s)
  return s
}
FNR == 1 { files++; part = 0; many = split(FILENAME, path, "/"); name[files] = path[many - 1] }
/^[ \t]*# -- (this stack|this stack alone|every stack)$/ {
  part++
  if (files == 1) { mark[part] = $0; parts = part } else if (mark[part] != $0) bad = 1
  next
}
/^  chain dropped / || /^-A STOCKADE-DROP -m limit / { logs[files] = 1; log_any = 1 }
{ text[files, part, ++count[files, part]] = $0; last[files] = part }
END {
  for (part = 0; part <= parts && !bad; part++) {
    indent = mark[part]
    sub(/#.*/, "", indent)
    if (part == 0 || mark[part] ~ /every stack/) {
      for (f = 2; f <= files; f++) {
        if (count[f, part] != count[1, part]) bad = 1
        for (i = 1; i <= count[1, part]; i++)
          if (rewritten(f, text[f, part, i]) != rewritten(1, text[1, part, i])) bad = 1
      }
      for (i = 1; i <= count[1, part]; i++) print rewritten(1, text[1, part, i])
      continue
    }
    alone = mark[part] ~ /alone/
    any = 0
    for (f = 1; f <= files; f++) {
      said = 0
      for (i = 1; i <= count[f, part]; i++) {
        s = own(f, rewritten(f, text[f, part, i]), alone)
        if (!alone && s !~ /^[ \t]*# / && (part, s) in seen) continue
        seen[part, s] = 1
        any = 1
        if (!said++) print indent "# -- stack " name[f]
        print s
      }
    }
    if (any) print indent "# -- every stack"
  }
  exit bad
}'

# joined FILE…: as one; one alone as it is.
joined() {
  case $# in
    0) return 1 ;;
    1) cat "$1" ;;
    *) awk "$JOIN" "$@" ;;
  esac
}

# together WHAT [FOLDER]: of all other stacks and of this one, which lies in FOLDER.
together() {
  what=$1 mine=${2:-}
  set --
  for name in $({ others && if [ -n "$mine" ]; then printf '%s\n' "$NAME"; fi; } | sort); do
    if [ "$name" = "$NAME" ]; then
      set -- "$@" "$mine/$what"
    elif folder=$(piece "$name"); then
      set -- "$@" "$folder/$what"
    fi
  done
  joined "$@"
}

# boot_together WHAT: of all stacks the host boots with.
boot_together() {
  what=$1
  set --
  for name in $(named "$BOOT_STACKS" | sort); do set -- "$@" "$BOOT_STACKS/$name/$what"; done
  joined "$@"
}

# Which stack waits for a confirmation, if another one does?
other_waits() {
  [ -f "$STATE/pending" ] && by=$(cat "$STATE/by" 2>/dev/null) && [ -n "$by" ] && [ "$by" != "$NAME" ]
}

refuse_while_waiting() {
  if other_waits; then
    folder=$(sed -n 2p "$STATE/applied/$by/from" 2>/dev/null) || folder=
    die 1 "rules of the stack \`$by\` wait for a confirmation, and nothing was changed; keep them with \`${folder:-BUNDLE}/firewall/apply --confirm\`, or take them back with \`${folder:-BUNDLE}/firewall/rollback\`"
  fi
}

# snapshot: what is kept and what the host boots with, for `rollback`.
snapshot() {
  to=$STATE/before/$NAME
  rm -rf "$to"
  mkdir -p "$to"
  if [ -d "$KEPT" ]; then cp -pR "$KEPT" "$to/stacks"; else mkdir "$to/stacks"; fi
  if [ -d "$BOOT_STACKS" ]; then cp -pR "$BOOT_STACKS" "$to/boot"; else mkdir "$to/boot"; fi
  if [ -f "$BOOT_RULES" ]; then cp -p "$BOOT_RULES" "$to/boot.rules"; fi
  if [ -f "$BOOT_LOADER" ]; then cp -p "$BOOT_LOADER" "$to/boot.load"; fi
}

# put FOLDER TARGET: FOLDER in place of TARGET.
put() {
  mkdir -p "$(dirname "$2")"
  rm -rf "$2.new"
  cp -R "$1" "$2.new"
  rm -rf "$2"
  mv "$2.new" "$2"
}

# place FILE TARGET MODE: whole or not at all.
place() {
  cp "$1" "$2.new"
  chmod "$3" "$2.new"
  mv -f "$2.new" "$2"
}

# What the host boots with, from what lies in BOOT_STACKS.
boot_write() {
  if ! boot_together rules >"$STATE/boot.rules" || ! boot_together load >"$STATE/boot.load"; then
    die 1 "stacks that this host boots with were generated by different versions; generate all of them again"
  fi
  place "$STATE/boot.rules" "$BOOT_RULES" 0600
  place "$STATE/boot.load" "$BOOT_LOADER" 0700
  rm -f "$STATE/boot.rules" "$STATE/boot.load"
}
