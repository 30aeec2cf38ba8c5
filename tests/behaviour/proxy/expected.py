"""What a profile of HyOS promises at its proxy. Written from the documentation, never read from generated configuration."""

from dataclasses import dataclass, field

KIB, MIB = 1 << 10, 1 << 20

STANDARD = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
STRICT = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), "
                          "payment=(), usb=()",
}
HSTS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}
MANAGER_CSP = ("default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
               "img-src 'self' data: https:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; "
               "form-action 'self'; frame-ancestors 'none'")
FRONT_CSP = "default-src 'self'; frame-ancestors 'none'"
API_CSP = "default-src 'none'; frame-ancestors 'none'"
# Requests, seconds, and how many more may come at once.
RATES = {"login": (5, 60, 3), "general": (20, 1, 40)}


@dataclass
class Rate:
    """A client may ask once, `burst` more times at once, and again `requests` times every `seconds`."""

    requests: int
    seconds: int
    burst: int


@dataclass
class Site:
    """One host name and what holds there."""

    host: str
    port: int
    headers: dict
    password: tuple | None
    refuses_cross_site: bool
    # Largest body in bytes by path; `/` is all others.
    bodies: dict
    # Paths, and whether what lies below is blocked too.
    blocked: list
    # Paths whose answers are for programs and stay out of caches; `/` is all.
    api: str
    # The path on which the login rate counts.
    login: str
    streaming: str | None = None
    origin: str = ""

    def is_api(self, path):
        return self.api == "/" or path.lower().startswith(self.api)


@dataclass
class Expected:
    """Everything about one profile."""

    kind: str
    modern: bool
    hsts: bool
    https_port: int
    manager: Site
    api: Site
    rates: dict
    # The site for everybody, where there is one.
    front: Site | None = None
    trusted: list = field(default_factory=list)

    @property
    def sites(self):
        return [self.manager, self.api]

    @property
    def limits_rates(self):
        """Caddy's stock image counts no requests; the tool says so, which `checks/rates.py` reads."""
        return self.kind != "caddy"

    @classmethod
    def of(cls, profile, password, front_domain):
        proxy, settings = profile["proxy"], profile.get("settings", {})
        strict = profile.get("level") == "strict"
        tls, changes = proxy.get("tls", {}), proxy.get("headers", {})
        hsts = tls.get("mode") in ("acme", "files")
        common = STANDARD | (STRICT if strict else {}) | (HSTS if hsts else {}) | changes.get("set", {})
        own_csp = changes.get("content_security_policy")
        mods, worlds = settings.get("mod_upload", False), settings.get("world_upload", False)
        upload_max = int(settings.get("upload_max", "256m")[:-1])
        port = proxy.get("https_port", 443)
        suffix = "" if port == 443 else f":{port}"
        domain = profile["domain"]
        manager = Site(
            host=domain,
            port=3000,
            headers=common | {"Content-Security-Policy": own_csp or MANAGER_CSP},
            password=(proxy.get("auth", {}).get("user", "admin"), password),
            refuses_cross_site=True,
            bodies={"/": MIB, "/api/config": MIB, "/api/worlds/slots": (upload_max + 1) * MIB if worlds else 1}
            | ({"/api/mods/upload": 105 * MIB} if mods else {}),
            blocked=[("/setup", True), ("/api/auth/setup", True), ("/api/debug", True), ("/stats", True)]
            + ([] if mods else [("/api/mods/upload", False)]),
            api="/api",
            login="/api/auth/login",
            origin=f"https://{domain}{suffix}",
        )
        api = Site(
            host=f"api.{domain}",
            port=30381,
            headers=common | {"Content-Security-Policy": own_csp or API_CSP},
            password=None,
            refuses_cross_site=False,
            bodies={"/": MIB},
            blocked=[] if settings.get("websocket") else [("/ws", True)],
            api="/",
            login="/auth/token",
            streaming="/ws" if settings.get("websocket") else None,
            origin=f"https://api.{domain}{suffix}",
        )
        # Traefik has none there: it could only limit a body by holding back the answer (docs/profile.md says so).
        if api.streaming and proxy["kind"] != "traefik":
            api.bodies["/ws"] = MIB
        front = front_domain and Site(
            host=front_domain,
            port=8000,
            headers=common | {"Content-Security-Policy": own_csp or FRONT_CSP},
            password=None,
            refuses_cross_site=False,
            bodies={"/": MIB},
            blocked=[("/debug", True)],
            api="/none",
            login="/none",
            origin=f"https://{front_domain}{suffix}",
        )
        rates = {}
        for name, (requests, seconds, burst) in RATES.items():
            if text := proxy.get("rate_limits", {}).get(name):
                count, _, period = text.partition("/")
                requests, seconds = int(count), int(period[:-1]) * {"s": 1, "m": 60, "h": 3600}[period[-1]]
            rates[name] = Rate(requests, seconds, burst)
        return cls(
            kind=proxy["kind"],
            modern=tls.get("policy", "modern" if strict else "intermediate") == "modern",
            hsts=hsts,
            https_port=port,
            manager=manager,
            api=api,
            rates=rates,
            front=front,
            trusted=proxy.get("trusted_proxies", []),
        )
