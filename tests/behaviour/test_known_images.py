"""Images whose needs are known, run as a system file gets them that says none of it: Debian's servers behind what the vendors'
entry points do."""

import rig
from rig import shared

SYSTEM = """
format: 1
name: known
title: Known images
summary: A database and a cache that say only what is their own.
networks: {data: {purpose: Their clients.}}
volumes:
  tables: {purpose: The database., kind: {directory: {path: data/tables, owner: '999:999', mode: '0700'}}}
  keys: {purpose: The cache., kind: {directory: {path: data/keys, owner: '999:999', mode: '0700'}}}
secrets:
  password:
    purpose: The administrator's password.
    kind: {hex: {bytes: 32}}
    deliver: [{service: known-db}]
    rotation: {effect: none}
services:
  known-db:
    title: PostgreSQL
    image: postgres:15.18
    mounts: [{volume: tables, target: /var/lib/postgresql/data}]
    networks: {data: {}}
    ports: {sql: {container: 5432, protocol: tcp, audience: internal}}
    environment: {POSTGRES_USER: app, POSTGRES_PASSWORD_FILE: /run/secrets/password}
  known-cache:
    title: Redis
    image: redis:7.0.15
    mounts: [{volume: keys, target: /data}]
    networks: {data: {}}
    ports: {redis: {container: 6379, protocol: tcp, audience: internal}}
"""


class KnownImages(shared.Case):
    """Both servers, hardened by what is known of their images."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        home = cls.engine.folder / "user-0"
        home.mkdir(exist_ok=True)
        (home / "known.system.yaml").write_text(SYSTEM)
        profile = {"version": 1, "name": "known", "system": "./known.system.yaml", "admin": rig.ADMIN_NETWORKS,
                   "firewall": {"kind": "none"}, "monitoring": {"health_interval": "2s"}}
        bundle = rig.Bundle(cls.engine, profile, name="known")
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, bundle))

    def sql(self, text):
        return self.stack.compose("exec", "-T", "known-db", "psql", "-U", "app", "-Atc", text).stdout.strip()

    def cache(self, *words):
        return self.stack.compose("exec", "-T", "known-cache", "redis-cli", *words).stdout.strip()

    def test_they_are_healthy_with_nothing_but_their_own_user(self):
        for service in ("known-db", "known-cache"):
            found = self.stack.container(service)
            self.assertEqual(found["State"]["Health"]["Status"], "healthy", service)
            self.assertEqual(found["Config"]["User"], "999:999", service)
            self.assertTrue(found["HostConfig"]["ReadonlyRootfs"], service)
            self.assertEqual(found["HostConfig"]["CapDrop"], ["ALL"], service)
            self.assertFalse(found["HostConfig"]["CapAdd"], service)
            self.assertGreater(found["HostConfig"]["Memory"], 0, service)

    def test_data_outlive_the_containers(self):
        self.sql("create table if not exists kept (word text); insert into kept values ('here')")
        self.assertEqual(self.cache("set", "kept", "here"), "OK")
        before = self.stack.container("known-db")["Id"]
        self.stack.compose("up", "--detach", "--wait", "--force-recreate")
        self.assertNotEqual(self.stack.container("known-db")["Id"], before)
        self.assertIn("here", self.sql("select word from kept").split())
        self.assertEqual(self.cache("get", "kept"), "here")

    def test_the_database_stops_at_once_and_in_order(self):
        self.stack.compose("stop", "known-db")
        try:
            self.assertEqual(self.stack.container("known-db")["State"]["ExitCode"], 0, self.stack.log("known-db"))
            self.assertIn("fast shutdown", self.stack.log("known-db"))
        finally:
            self.stack.up()

    def test_what_the_finding_names_stops_it(self):
        run = ["run", "--rm", "--read-only", "--user", "999:999", "--cap-drop", "ALL", "--network", "none",
               "--tmpfs", "/var/lib/postgresql/data:uid=999,gid=999,mode=0700"]
        for options, says in ((["--env", "POSTGRES_PASSWORD=x"], "lock file"), ([], "no password")):
            ended = self.engine.docker(*run, *options, "postgres:15.18", check=False)
            self.assertNotEqual(ended.returncode, 0)
            self.assertIn(says, ended.stdout + ended.stderr)
