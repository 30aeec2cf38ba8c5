#!/bin/sh
# Healthy: the dashboard answers, Caddy has its server, and as many routes as the database has.
set -eu

get() { wget -q -T 4 -O - "$1"; }

get http://127.0.0.1:3000/api/health | grep -q '"status":"ok"'
routes=$(get http://localhost:2019/config/apps/http/servers/main/routes)
loaded=$(printf '%s' "$routes" | grep -o '"@id":"proxyos-route-' | grep -c . || :)
# Nobody has counted yet, shortly after the start.
[ -f /run/stockade/routes ] || exit 0
read -r wanted < /run/stockade/routes
[ "$loaded" -ge "$wanted" ]
