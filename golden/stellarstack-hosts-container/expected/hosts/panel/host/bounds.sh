#!/bin/sh
# Puts the guide's limits for game servers into the database. Generated; change the profile instead.
# Servers that are beyond them already stay as they are; what is new or changed must keep them.
set -eu

docker exec -i stellarstack-postgres psql -X -q -v ON_ERROR_STOP=1 -U stellar -d stellarstack <<'SQL'
BEGIN;
ALTER TABLE servers DROP CONSTRAINT IF EXISTS guide_name;
ALTER TABLE servers DROP CONSTRAINT IF EXISTS guide_memory;
ALTER TABLE servers DROP CONSTRAINT IF EXISTS guide_cpu;
ALTER TABLE servers DROP CONSTRAINT IF EXISTS guide_disk;
ALTER TABLE node_allocations DROP CONSTRAINT IF EXISTS guide_port;
ALTER TABLE servers ADD CONSTRAINT guide_name CHECK (char_length(name) BETWEEN 1 AND 64) NOT VALID;
ALTER TABLE servers ADD CONSTRAINT guide_memory CHECK (memory_limit_mb BETWEEN 512 AND 32768) NOT VALID;
ALTER TABLE servers ADD CONSTRAINT guide_cpu CHECK (cpu_limit_percent BETWEEN 50 AND 400) NOT VALID;
ALTER TABLE servers ADD CONSTRAINT guide_disk CHECK (disk_limit_mb BETWEEN 1024 AND 102400) NOT VALID;
ALTER TABLE node_allocations ADD CONSTRAINT guide_port CHECK (port BETWEEN 1024 AND 65535) NOT VALID;
COMMIT;
SQL
printf 'the limits hold\n'
