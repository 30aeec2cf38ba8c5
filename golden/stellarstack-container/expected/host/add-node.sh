#!/bin/sh
# Makes the node known to the panel, or brings it up to date. Generated; change the profile instead.
# Prints the node's id. The key goes to the database over standard input and stands on no command line.
set -eu
umask 077
cd "$(dirname "$0")/.."

KEY=secrets/node_signing_key
[ -s "$KEY" ] || {
  printf 'add-node: %s is missing; generate the bundle again\n' "$KEY" >&2
  exit 1
}

ID=5374656c-6c61-4e01-8000-000000000001
NAME=node1
FQDN=panel.example.com
SCHEME=http
PORT=8081
SFTP=2022
MEMORY=8192
DISK=102400

{
  printf '\\set key %s\n' "$(cat "$KEY")"
  cat <<'SQL'
INSERT INTO nodes (id, name, fqdn, scheme, daemon_port, sftp_port, daemon_public_key, memory_total_mb, disk_total_mb)
VALUES (:'id', :'name', :'fqdn', :'scheme', :port, :sftp, :'key', :memory, :disk)
ON CONFLICT (id) DO UPDATE SET
  name = EXCLUDED.name, fqdn = EXCLUDED.fqdn, scheme = EXCLUDED.scheme, daemon_port = EXCLUDED.daemon_port,
  sftp_port = EXCLUDED.sftp_port, daemon_public_key = EXCLUDED.daemon_public_key,
  memory_total_mb = EXCLUDED.memory_total_mb, disk_total_mb = EXCLUDED.disk_total_mb
RETURNING id;
SQL
} | docker exec -i stellarstack-postgres psql -X -q -At -v ON_ERROR_STOP=1 -U stellar -d stellarstack \
  -v id="$ID" -v name="$NAME" -v fqdn="$FQDN" -v scheme="$SCHEME" -v port="$PORT" -v sftp="$SFTP" \
  -v memory="$MEMORY" -v disk="$DISK"
