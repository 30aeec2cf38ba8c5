"""A bundle that runs: installed, its images made, every container healthy."""

import dataclasses
import json

from . import images
from .namespaces import client_address, host_address
from .process import Failure, environment, run, start


@dataclasses.dataclass
class Answer:
    """What a client got: status, headers as (lower-case name, value), body."""

    status: int
    headers: list
    body: str

    def header(self, name):
        """Value of a header that occurs at most once; None where it does not."""
        found = [value for key, value in self.headers if key == name.lower()]
        if len(found) > 1:
            raise Failure(f"header `{name}` occurs {len(found)} times: {found}")
        return found[0] if found else None

    def json(self):
        """The body as Python values."""
        return json.loads(self.body)


class Stack:
    """`with Stack(engine, bundle) as stack:` is the running project; it is taken down at the end."""

    def __init__(self, engine, bundle, wait=True, install=True):
        """Without `wait` nothing is started; without `install` the bundle stays as `generate` left it."""
        self.engine, self.bundle, self.wait, self.install = engine, bundle, wait, install
        self.config = json.loads(self.compose("config", "--format", "json").stdout)

    def __enter__(self):
        if self.install:
            self.engine.host.run(self.bundle.path / "install.sh", cwd=self.bundle.path)
        images.ensure(self.engine, [service["image"] for service in self.config["services"].values()])
        if self.wait:
            try:
                self.up()
            except BaseException:
                self.__exit__()
                raise
        return self

    def __exit__(self, *_):
        self.compose("down", "--volumes", "--timeout", "5", check=False)

    def compose(self, *command, check=True, timeout=300):
        """Runs Docker Compose on the bundle; a failure shows every container's state and log."""
        docker = environment(DOCKER_HOST=f"unix://{self.engine.socket}", DOCKER_CONFIG=str(self.engine.folder / "client"))
        done = run("docker-compose", "--progress", "plain", *command, check=False, timeout=timeout, env=docker,
                   cwd=self.bundle.path)
        if check and done.returncode:
            raise Failure(f"`docker compose {' '.join(command)}` ended with {done.returncode}\n{done.stdout}\n{done.stderr}\n"
                          + self.evidence())
        return done

    def up(self):
        """Starts what does not run and waits until all of it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "150")

    def evidence(self):
        """State, last health checks and log of every container, for whoever must find out."""
        text = [self.compose("ps", "--all", check=False).stdout]
        for name in self.services():
            found = self.compose("ps", "--all", "--quiet", name, check=False).stdout.split()
            for inspected in self.engine.inspect(*found) if found else []:
                text.append(f"--- {name}: {json.dumps(inspected['State'], indent=1)}\n{self.log(name)}")
        return "\n".join(text)

    def services(self):
        """Names of the services."""
        return sorted(self.config["services"])

    def container(self, service):
        """`docker inspect` of a service's container."""
        found = self.compose("ps", "--all", "--quiet", service).stdout.split()
        if not found:
            raise Failure(f"`{service}` has no container\n{self.evidence()}")
        return self.engine.inspect(found[0])[0]

    def pid(self, service):
        """Number of a service's first process on the host."""
        return self.container(service)["State"]["Pid"]

    def pids(self, service):
        """Numbers of all processes of a service on the host."""
        listed = self.engine.docker("top", self.container(service)["Id"], "-eo", "pid").stdout.split()[1:]
        return [int(pid) for pid in listed]

    def proc(self, service):
        """`/proc` of a service's first process."""
        return self.engine.proc(self.pid(service))

    def log(self, service):
        """What a service wrote, both streams."""
        done = self.compose("logs", "--no-color", "--no-log-prefix", service, check=False)
        return done.stdout + done.stderr

    def logs(self):
        """What each service wrote."""
        return {name: self.log(name) for name in self.services()}

    def execute(self, service, *command, **options):
        """Runs a command in a service's container, as its user."""
        return self.engine.docker("exec", self.container(service)["Id"], *command, **options)

    def secret(self, name):
        """Value of a secret of the bundle."""
        return self.bundle.secret(name)

    def run_in(self, client, *command, **options):
        """Runs a command in a client's network."""
        return self.engine.clients[client].run(*command, **options)

    def start_in(self, client, *command, **options):
        """Starts a process in a client's network."""
        return self.engine.clients[client].start(*command, **options)

    def login(self):
        """The proxy's user and password, as `curl --user` takes them; None where it asks for none."""
        users = self.bundle.path / "secrets/proxy_users"
        if not users.exists():
            return None
        name = users.read_text().replace(" ", ":").split(":", 1)[0]
        return f"{name}:{self.secret('proxy_password')}"

    def curl(self, client, path="/", *options, user=None, host=None, port=443, source=None, version=4, check=True):
        """Asks the proxy over TLS that must verify with the bundle's own authority.

        `user` is `name:password`; `host` another name; `source` one of the client's addresses, 2 to 9.
        """
        host = host or self.bundle.domain
        address = host_address(client, version)
        command = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", "--path-as-is",
                   "--resolve", f"{host}:{port}:{f'[{address}]' if version == 6 else address}",
                   "--cacert", self.bundle.path / "certs/ca.crt"]
        if source:
            command += ["--interface", client_address(client, source, version)]
        if user:
            command += ["--user", user]
        done = self.run_in(client, *command, *options, f"https://{host}:{port}{path}", check=False, text=False)
        if done.returncode:
            if check:
                raise Failure(f"{client}: curl {path} ended with {done.returncode}: {done.stderr.decode()}\n{self.evidence()}")
            return None
        return parse(done.stdout.decode("utf-8", "replace"))


def parse(text):
    """The last answer in what `curl --include` printed; interim ones (100) stand before it."""
    head, _, body = text.partition("\r\n\r\n")
    while head.split(" ", 2)[1].startswith("1") and "101" not in head.split("\r\n")[0]:
        head, _, body = body.partition("\r\n\r\n")
    lines = head.split("\r\n")
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    return Answer(int(lines[0].split()[1]), headers, body)
