"""What a dashboard with a filtered Docker socket can do to a real engine: its six calls on its one container, no more."""

import json

import rig
from rig import shared

# Runs in the dashboard's container. Requests go out byte by byte as written: no library mends a path.
ASK = """
import json, socket, sys
for method, target, headers, body in json.load(sys.stdin):
    with socket.socket(socket.AF_UNIX) as engine:
        engine.settimeout(60)
        engine.connect('/var/run/docker.sock')
        lines = [f'{method} {target} HTTP/1.1', 'Host: docker', 'Connection: close', f'Content-Length: {len(body)}', *headers]
        engine.sendall(('\\r\\n'.join(lines) + '\\r\\n\\r\\n' + body).encode('latin-1'))
        answer = b''
        try:
            while data := engine.recv(65536):
                answer += data
        except OSError as error:
            answer += str(error).encode()
    head, _, content = answer.partition(b'\\r\\n\\r\\n')
    status = head.split(b' ')[1:2]
    print(json.dumps([int(status[0]) if status else 0, content.decode('latin-1')[:2000]]))
"""
SERVER, OTHER = "/containers/hyos-server", "/containers/hyos-proxy-1"
REFUSED = range(400, 406)


class FilteredSocketCalls(shared.Case):
    """The profile's `docker_socket: filtered`, with a stand-in for the filter and the real engine behind it."""

    @classmethod
    def setUpClass(cls):
        cls.engine = shared.engine()
        bundle = rig.Bundle(cls.engine, rig.profile("nginx", settings={"docker_socket": "filtered"}), name="socket")
        cls.stack = cls.enterClassContext(rig.Stack(cls.engine, bundle))

    def ask(self, *requests):
        """Each request is (method, target[, headers[, body]]); gives [(status, text)]."""
        whole = [[method, target, *(rest or [[]])] if len(rest) < 2 else [method, target, *rest]
                 for method, target, *rest in requests]
        whole = [request if len(request) == 4 else [*request, ""] for request in whole]
        said = self.engine.docker("exec", "-i", "hyos-manager", "python3", "-c", ASK, input=json.dumps(whole)).stdout
        return [tuple(json.loads(line)) for line in said.splitlines()]

    def refused(self, *requests):
        """Every request must be refused by the filter, and the engine must not have moved."""
        before = self.state()
        for request, (status, text) in zip(requests, self.ask(*requests)):
            with self.subTest(request=request[:2]):
                self.assertIn(status, REFUSED, text)
                self.assertNotIn('"Id"', text)
        self.assertEqual(self.state(), before)

    def state(self):
        """What a call could have changed."""
        listed = self.engine.docker("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.State}}").stdout
        images = self.engine.docker("image", "ls", "--quiet").stdout
        volumes = self.engine.docker("volume", "ls", "--quiet").stdout
        return sorted(listed.splitlines()), sorted(images.split()), sorted(volumes.split())

    def started(self):
        return self.engine.inspect("hyos-server")[0]["State"]["StartedAt"]

    def test_the_six_calls_pass(self):
        reads = ("/_ping", f"{SERVER}/json", f"{SERVER}/logs?stdout=1&tail=5", "/v1.41/_ping", f"/v1.41{SERVER}/json")
        for target, (status, text) in zip(reads, self.ask(*(("GET", target) for target in reads))):
            with self.subTest(target=target):
                self.assertEqual(status, 200, text)
        before = self.started()
        self.assertEqual(self.ask(("POST", f"{SERVER}/stop?t=30"))[0][0], 204)
        self.assertFalse(self.engine.inspect("hyos-server")[0]["State"]["Running"])
        self.assertEqual(self.ask(("POST", f"{SERVER}/start"))[0][0], 204)
        between = self.started()
        self.assertEqual(self.ask(("POST", f"{SERVER}/restart?t=30"))[0][0], 204)
        self.assertEqual(len({before, between, self.started()}), 3)
        self.stack.up()

    def test_the_dashboard_uses_them(self):
        for action in ("status", "logs", "restart"):
            with self.subTest(action=action):
                answer = self.stack.curl("admin", f"/api/docker/{action}", "--request", "POST", "--data", "", user=self.stack.login())
                self.assertEqual((answer.status, answer.json().get("engine", 0) // 100), (200, 2), answer.body)
        self.stack.up()

    def test_other_containers_are_out_of_reach(self):
        whole = self.engine.inspect("hyos-server")[0]["Id"]
        names = [OTHER, "/containers/hyos-manager", "/containers/hyos-hyos-manager-docker-1", f"/containers/{whole}",
                 f"/containers/{whole[:12]}", "/containers/hyos-serve", "/containers/hyos-server2", "/containers/hyos-server-2",
                 "/containers/xhyos-server", "/containers/hyos-server,hyos-manager", "/containers/*", "/containers/."]
        self.refused(*((method, f"{name}/{action}") for name in names for method, action in
                       (("GET", "json"), ("GET", "logs?stdout=1"), ("POST", "start"), ("POST", "stop"), ("POST", "restart"))))

    def test_other_calls_are_refused(self):
        body = '{"Image":"traefik","Cmd":["sh"],"HostConfig":{"Privileged":true,"Binds":["/:/host"]}}'
        kind = ["Content-Type: application/json"]
        calls = [
            ("POST", f"{SERVER}/exec", kind, '{"Cmd":["sh"],"Privileged":true,"User":"0"}'),
            ("POST", "/exec/0123456789ab/start", kind, '{"Detach":true}'), ("GET", "/exec/0123456789ab/json"),
            ("POST", "/containers/create?name=mine", kind, body), ("POST", "/containers/create", kind, body),
            *(("GET", path) for path in (
                "/containers/json", "/containers/json?all=1", "/images/json", "/volumes", "/networks", "/info", "/version",
                "/events?until=1", "/system/df", "/plugins", "/swarm", "/nodes", "/secrets", "/configs", "/services", "/tasks",
                "/distribution/traefik/json", f"{SERVER}/top", f"{SERVER}/changes", f"{SERVER}/export",
                f"{SERVER}/stats?stream=0", f"{SERVER}/archive?path=/run/secrets", f"{SERVER}/attach/ws", "/", "*")),
            *(("POST", path) for path in (
                "/images/create?fromImage=evil", "/build", "/commit?container=hyos-server", "/volumes/create",
                "/networks/create", "/containers/prune", "/images/prune", "/volumes/prune", "/auth", "/session", "/grpc",
                "/swarm/init", "/plugins/pull", f"{SERVER}/kill", f"{SERVER}/pause", f"{SERVER}/unpause",
                f"{SERVER}/rename?name=x", f"{SERVER}/update", f"{SERVER}/attach?stream=1", f"{SERVER}/resize?h=1&w=1",
                f"{SERVER}/wait", f"{SERVER}/json", f"{SERVER}/logs", "/_ping")),
            ("DELETE", f"{SERVER}?force=1"), ("DELETE", SERVER), ("DELETE", "/images/traefik:v3.7.15"), ("DELETE", "/volumes/x"),
            ("PUT", f"{SERVER}/archive?path=/tmp"), ("HEAD", f"{SERVER}/archive?path=/"), ("HEAD", "/_ping"),
            ("PATCH", f"{SERVER}/json"), ("OPTIONS", f"{SERVER}/json"), ("TRACE", f"{SERVER}/json"),
            ("CONNECT", f"{SERVER}/json"), ("GET", f"{SERVER}/stop"), ("GET", f"{SERVER}/start"), ("GET", f"{SERVER}/restart"),
        ]
        self.refused(*calls)

    def test_tricks_with_paths_are_refused(self):
        heads = [f"{SERVER}/../hyos-proxy-1", f"{SERVER}/%2e%2e/hyos-proxy-1", f"{SERVER}%2f..%2fhyos-proxy-1",
                 f"{SERVER}/./../hyos-proxy-1", "/containers//hyos-proxy-1", "//containers/hyos-proxy-1",
                 "/_ping/../containers/hyos-proxy-1", "/_ping/%2e%2e/containers/hyos-proxy-1", "/CONTAINERS/hyos-proxy-1",
                 "/containers/hyos%2dproxy%2d1", "/containers/hyos-server%00/../hyos-proxy-1", "/containers/hyos-server;/hyos-proxy-1",
                 "/v1.41/../containers/hyos-proxy-1", "/v1.41/containers/hyos-proxy-1", "/v1.999/containers/hyos-proxy-1",
                 "/containers/hyos-server\\..\\hyos-proxy-1", "/%63ontainers/hyos-proxy-1"]
        tails = [f"{SERVER}/json/", f"{SERVER}//json", f"{SERVER}/json%0a", f"{SERVER}/json%0d%0aX", f"{SERVER}/json/../../hyos-proxy-1/json",
                 f"{SERVER}/JSON", "/containers/HYOS-SERVER/json", f"{SERVER.upper()}/json", f"{SERVER}/json%3fx", f"{SERVER}/json;x",
                 f"/{SERVER}/json", f"/.{SERVER}/json", f"{SERVER}/%6a%73%6f%6e/", f"{SERVER}/%2e/json", "/v2.0/_ping", "/v1/_ping",
                 "/v1.41/v1.41/_ping", "/V1.41/_ping", "/_ping/", "/_PING"]
        queries = [f"{OTHER}/json?{SERVER}/json", f"{OTHER}/json?x=/containers/hyos-server/json", f"/containers/json?{SERVER}/json",
                   f"{OTHER}/json#{SERVER}/json"]
        self.refused(*(("GET", f"{head}/json") for head in heads), *(("POST", f"{head}/stop") for head in heads),
                     *(("GET", tail) for tail in tails), *(("GET", query) for query in queries),
                     ("GET", f"http://docker{OTHER}/json"), ("POST", f"http://docker{OTHER}/stop"),
                     ("GET", f"http://docker{SERVER}/../hyos-proxy-1/json"),
                     ("POST", f"{OTHER}/stop", ["X-HTTP-Method-Override: GET", f"X-Original-URL: {SERVER}/stop", f"X-Rewrite-URL: {SERVER}/stop"]))

    def test_a_start_cannot_bring_other_rights(self):
        """Engines before 25 take a new host configuration with a start of API 1.23 or older: root on the host."""
        body = json.dumps({"Privileged": True, "Binds": ["/:/host"], "CapAdd": ["ALL"]})
        kind = ["Content-Type: application/json"]
        versions = [f"/v1.{minor}" for minor in (12, 18, 20, 21, 22, 23)]
        self.ask(("POST", f"{SERVER}/stop?t=30"))
        try:
            for version in (*versions, ""):
                self.ask(("POST", f"{version}{SERVER}/start", kind, body))
                now = self.engine.inspect("hyos-server")[0]["HostConfig"]
                with self.subTest(version=version):
                    self.assertEqual((now["Privileged"], now["CapAdd"]), (False, None))
                    self.assertNotIn("/:/host", now["Binds"] or [])
        finally:
            self.stack.compose("up", "--detach", "--wait", "--force-recreate", "hyos-server")

    def test_nothing_listens_over_tcp(self):
        for service in self.stack.services():
            listening = self.engine.host.run("nsenter", "--target", self.stack.pid(service), "--net", "ss", "-H", "-ltn").stdout
            for port in (2375, 2376):
                with self.subTest(service=service, port=port):
                    self.assertNotIn(f":{port} ", listening)
        filter_only = self.engine.host.run("nsenter", "--target", self.stack.pid("hyos-manager-docker"), "--net", "ss", "-H", "-ltn").stdout
        self.assertEqual([line.split()[3] for line in filter_only.splitlines()], ["127.0.0.1:55555"], "the health check's alone")
        self.assertNotRegex(self.engine.host.run("ss", "-H", "-ltn").stdout, ":237[56] ")

    def test_only_the_dashboard_has_the_filtered_socket(self):
        for service in self.stack.services():
            root = f"/proc/{self.stack.pid(service)}/root"
            found = self.engine.host.run("test", "-S", f"{root}/sock/docker.sock", check=False).returncode == 0
            with self.subTest(service=service):
                self.assertEqual(found, service in ("hyos-manager", "hyos-manager-docker"))
                whole = self.engine.host.run("grep", "-c", "/run/docker.sock ", f"/proc/{self.stack.pid(service)}/mountinfo", check=False)
                self.assertEqual(whole.stdout.strip() != "0", service == "hyos-manager-docker", "the engine's own socket")
        mode = self.stack.execute("hyos-manager", "stat", "-c", "%a %u", "/sock/docker.sock").stdout
        self.assertEqual(mode, "600 568\n")
