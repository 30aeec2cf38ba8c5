"""The behaviour rig: a bundle on a real Docker engine, asked from outside.

    import rig

    with rig.Engine() as engine:                       # host with its own dockerd; clients "internet" and "admin"
        bundle = rig.Bundle(engine, rig.profile("nginx", settings={"mod_upload": True}))
        with rig.Stack(engine, bundle) as stack:       # install.sh, images, `compose up --wait`; `down` at the end
            stack.curl("admin", "/login")              # -> Answer(status, headers, body) over real TLS
            stack.run_in("internet", "curl", "-v", …)  # any command in a client's network namespace
            stack.start_in("internet", "python3", …)   # a process there that runs beside the test
            stack.pid("hyos-server")                   # first process of a service, as the host numbers it
            stack.proc("hyos-server")                  # its /proc folder; `root/` below it is the container's root
            stack.log("proxy"), stack.logs()           # what services wrote; all of it is in every Failure
            stack.compose("stop", "hyos-manager")      # Docker Compose v5 on the bundle
            stack.container("proxy")                   # `docker inspect`
            stack.config                               # `compose config`, as Python values
            stack.secret("proxy_password")             # a value of secrets/
        engine.host.run("nft", "list", "ruleset")      # on the host: bundle's scripts, rules, listeners
        engine.restart()                               # dockerd alone, as an upgrade does
        engine.docker("ps"), engine.inspect("hyos-server")

The host has 198.51.100.1 and 2001:db8:51::1 towards the internet, 10.8.0.1 and fd00:8::1 towards the admin LAN; the clients
have .2 to .9 (::2 to ::9), `curl(…, source=3)` asks from the third. `rig.host_address(client, version)`,
`rig.client_address(client, number, version)`. Both clients use the host as their router, so they may also ask containers
by address. The admin client's networks are the profile's `admin:`.

Needs root and what tests/setup installs. Everything is gone when the `with` ends, also after a failure or a kill; the
machine's own Docker, rules and namespaces are never touched. From the main thread only: what is started there ends
with it. A `Failure` says what happened and shows the logs.
"""

from .bundle import Bundle, profile, resources
from .engine import SOCKET_GID, Engine
from .namespaces import ADMIN_NETWORKS, client_address, host_address
from .process import ROOT, Failure, run, wait_until
from .stack import Answer, Stack

__all__ = ["ADMIN_NETWORKS", "Answer", "Bundle", "Engine", "Failure", "ROOT", "SOCKET_GID", "Stack", "client_address",
           "host_address", "profile", "resources", "run", "wait_until"]
