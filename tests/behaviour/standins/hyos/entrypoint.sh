#!/bin/bash
# Stands for the server image's entrypoint: a write test, directories, state files, a background child, and a `wait` that
# a signal interrupts. Like the real one it passes no signal on to the JVM.
exec 2>&1
set -eo pipefail

data=${DATA_DIR:-/data}
say() { printf '[entrypoint] %s\n' "$*"; }
die() { say "ERROR: $*"; exit 1; }
state() { # STATUS PID: written beside and renamed, as the dashboard reads it at any time
    cat >"$data/.state/server.json.tmp" <<END
{"status":"$1","pid":${2:-null},"updated_at":"$(date -u +%FT%TZ)"}
END
    mv -f "$data/.state/server.json.tmp" "$data/.state/server.json"
}

say "starting as $(id)"
[[ -d $data ]] || die "$data does not exist"
touch "$data/.write-test" || die "cannot write to $data as $(id)"
rm -f "$data/.write-test"
if [[ $(id -u) == 0 ]]; then
    umask "${UMASK:-002}"
    chown -R hytale:hytale "$data"
fi

mkdir -p "$data"/{server,backups,mods,universe,logs,.auth,.state/.locks}
mkdir -p "$data/Server/logs" "$data/Server/universe" "$data/Server/mods"
chmod 755 "$data/.state" 2>/dev/null || true
# The real one goes on when this fails, but says so.
chmod 700 "$data/.auth" || true
state starting

config=$data/Server/mods/com.hytale_HytaleAPI/config.json
if [[ ${API_REGENERATE_CONFIG:-false} == true || ! -f $config ]]; then
    say "WARN: writing $config with the image's own defaults"
    mkdir -p "${config%/*}"
    printf '{"enabled":true,"port":30381,"bindAddress":"0.0.0.0","clients":[{"id":"hyos-manager","permissions":["api.*"]}],"cors":{"allowedOrigins":["*"]}}\n' >"$config"
fi
if [[ ${SKIP_CONFIG_GENERATION:-false} != true ]]; then
    printf '{"ServerName":"%s","MaxPlayers":%s,"Password":"%s"}\n' "${SERVER_NAME:-Hytale Server}" "${MAX_PLAYERS:-100}" "${SERVER_PASSWORD:-}" >"$data/Server/config.json"
fi
printf '{"enabled":%s}\n' "${WHITELIST_ENABLED:-false}" >"$data/Server/whitelist.json"

# The version check, every hour.
(while sleep 3600; do :; done) &

cd "$data/Server"
tokens=()
[[ -z ${HYTALE_SERVER_SESSION_TOKEN:-} ]] || tokens=(--session-token "$HYTALE_SERVER_SESSION_TOKEN")
java "-Xms${JAVA_XMS:-1G}" "-Xmx${JAVA_XMX:-3G}" -jar "$data/Server/HytaleServer.jar" "${tokens[@]}" &
child=$!
state running "$child"

# The mod monitor, once.
(sleep 30; : >"$data/.state/mods.json") &

# As soon as a signal is trapped `wait` returns, and this script ends while the JVM still saves.
trap 'say "signal"' TERM INT
code=0
wait "$child" || code=$?
if ((code == 0)); then state stopped; say "server exited cleanly"; elif ((code >= 128)); then state stopped; else state crashed; say "server crashed ($code)"; fi
exit "$code"
