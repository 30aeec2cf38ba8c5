"""Health that can be lost and comes back: frozen services turn unhealthy, and a restarted engine brings everything up."""

import signal

import rig
from rig import shared


class Health(shared.Case):
    """One bundle with every kind of health check: a proxy, the dashboard, the game server, the socket's filter."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        bundle = rig.Bundle(cls.engine, rig.profile("traefik", settings={"docker_socket": "filtered"}), name="health")
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, bundle))

    def health(self, service):
        return self.stack.container(service)["State"]["Health"]["Status"]

    def signal(self, services, number):
        """Sends a signal to all processes of services; the engine starts health checks beside them."""
        for service in services:
            pids = [str(pid) for pid in self.stack.pids(service)]
            self.engine.host.run("kill", f"-{number.name}", *pids, check=False)

    def become(self, services, state, seconds):
        rig.wait_until(lambda: all(self.health(service) == state for service in services),
                       lambda: f"{state}: { {service: self.health(service) for service in services} }", seconds, 0.5)

    def test_a_service_that_answers_no_more_is_unhealthy(self):
        frozen = ["hyos-manager", "hyos-manager-docker", "proxy"]
        self.signal(frozen, signal.SIGSTOP)
        try:
            # Three failures, each after a wait of up to 10 s.
            self.become(frozen, "unhealthy", 90)
            self.assertEqual(self.health("hyos-server"), "healthy")
        finally:
            self.signal(frozen, signal.SIGCONT)
        self.become(frozen, "healthy", 30)

    def test_a_server_that_says_it_crashed_is_unhealthy(self):
        data = self.stack.bundle.path / "data/hyos/.state/server.json"
        self.engine.host.run("sh", "-c", f"sed -i 's/running/crashed/' {data}")
        self.become(["hyos-server"], "unhealthy", 60)
        self.stack.compose("restart", "hyos-server")
        self.become(["hyos-server"], "healthy", 30)

    def test_everything_comes_back_after_a_restart_of_the_engine(self):
        before = {name: self.stack.container(name)["State"]["StartedAt"] for name in self.stack.services()}
        self.engine.restart()
        self.become(self.stack.services(), "healthy", 90)
        for name, started in before.items():
            self.assertNotEqual(self.stack.container(name)["State"]["StartedAt"], started, name)
        rig.wait_until(lambda: self.stack.curl("admin", "/api/docker/status", user=self.stack.login()).status == 200,
                       "the dashboard behind the proxy, with the engine behind the filter", 30)
