#!/bin/bash
# Stands for the server image's health check: healthy at once while the state says `starting`, else process, port, data.
set -e
data=${DATA_DIR:-/data}
if grep -q '"status":"starting"' "$data/.state/server.json" 2>/dev/null; then echo HEALTHY; exit 0; fi
grep -qE '"status":"(stopped|crashed)"' "$data/.state/server.json" 2>/dev/null && { echo "UNHEALTHY: state"; exit 1; }
pgrep -f HytaleServer.jar >/dev/null || { echo "UNHEALTHY: no process"; exit 1; }
ss -ulpn | grep -q ":${SERVER_PORT:-5520}" || { echo "UNHEALTHY: port ${SERVER_PORT:-5520}/udp not bound"; exit 1; }
[[ -w $data ]] || { echo "UNHEALTHY: data directory"; exit 1; }
[[ $1 == --json ]] && printf '{"status":"healthy"}\n' >"$data/.state/health.json"
echo HEALTHY
