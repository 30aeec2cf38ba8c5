#!/bin/bash
# What the entry point of Docker Hub's PostgreSQL does, as far as hardening can stand in its way: a directory for the data and one
# for the socket, as root their owner; a first database with the password of a file, filled by a server that listens on no address.
set -Eeo pipefail

[[ ${1:0:1} != - ]] || set -- postgres "$@"
if [[ $1 == postgres ]]; then
    mkdir -p "$PGDATA"
    chmod 0700 "$PGDATA" || true
    mkdir -p /var/run/postgresql || true
    chmod 3775 /var/run/postgresql || true
    if [[ $(id -u) == 0 ]]; then
        chown -R 999:999 "$PGDATA" /var/run/postgresql
        exec setpriv --reuid=999 --regid=999 --clear-groups -- "$0" "$@"
    fi
    if [[ ! -s $PGDATA/PG_VERSION ]]; then
        password=${POSTGRES_PASSWORD:-}
        [[ -z ${POSTGRES_PASSWORD_FILE:-} ]] || password=$(<"$POSTGRES_PASSWORD_FILE")
        if [[ -z $password && ${POSTGRES_HOST_AUTH_METHOD:-} != trust ]]; then
            echo "no password for the administrator" >&2
            exit 1
        fi
        user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
        initdb --username="$user" --pwfile=<(printf '%s\n' "$password")
        echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
        echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
        pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
        [[ $database == postgres ]] || psql -U "$user" -d postgres -c "CREATE DATABASE \"$database\""
        pg_ctl -D "$PGDATA" -m fast -w stop
    fi
fi
exec "$@"
