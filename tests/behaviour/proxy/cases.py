"""The profiles whose bundles are asked, each with each proxy."""

from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import rig
from expected import Expected
from place import HERE, NETWORKS

NEXT_YEAR = (datetime.now(timezone.utc) + timedelta(days=365)).strftime("%Y-%m-%d")

PROXIES = ["traefik", "nginx", "caddy"]
BOTH = ["0.0.0.0", "::"]
# A load balancer in the internet's network, as its addresses there.
BALANCER = ["198.51.100.200/29", "2001:db8:51:ffff::/64"]
FRONT_DOMAIN = "front.home.arpa"
CASES = {
    # What people run at home, with everything that takes uploads and streams, beside a site for everybody: the firewall
    # lets the internet through, and the proxy alone tells who may go where.
    "private": {
        "beside": True,
        "proxy": {"bind": BOTH, "tls": {"mode": "self-signed"}},
        "settings": {"api_public": True, "websocket": True, "mod_upload": True, "world_upload": True, "upload_max": "2m"},
    },
    # The narrowest: TLS 1.3 alone, a trusted certificate and so HSTS, another port, nothing uploaded or streamed. Not
    # every test machine may raise the number of open files.
    "strict": {
        "firewall": {"kind": "iptables"},
        "level": "strict",
        "waivers": [{"control": "file-handles", "reason": "the test machine's own limit", "until": NEXT_YEAR}],
        "proxy": {
            "bind": BOTH,
            "https_port": 8443,
            "tls": {"mode": "files"},
            "auth": {"user": "ops"},
            "rate_limits": {"login": "3/1m"},
            "headers": {"content_security_policy": "default-src 'self'; frame-ancestors 'none'",
                        "set": {"X-Operator": 'Team "Games" 3'}},
        },
        "settings": {"api_public": True},
    },
    # Behind a load balancer.
    "balanced": {
        "proxy": {"bind": BOTH, "tls": {"mode": "self-signed"}, "trusted_proxies": BALANCER},
        "settings": {"api_public": True},
    },
}


def described(name, kind):
    """The profile of a case, still without the files it names, and whether the site for everybody stands beside it."""
    profile = rig.profile(kind, admin=list(NETWORKS["admin"]), firewall={"kind": "nftables"})
    profile |= {**CASES[name], "proxy": {"kind": kind, **CASES[name]["proxy"]}}
    beside = profile.pop("beside", False)
    if kind == "caddy":  # it cannot, and the profile would be refused
        profile["proxy"].pop("rate_limits", None)
    return profile, beside


def promised(name, kind):
    """What a case promises, as far as that can be said before there is a bundle."""
    profile, beside = described(name, kind)
    return Expected.of(profile, "", FRONT_DOMAIN if beside else None)


class Case:
    """A bundle and what it must do."""

    def __init__(self, name, kind, engine):
        self.name, self.kind = name, kind
        profile, beside = described(name, kind)
        authority = None
        if profile["proxy"]["tls"]["mode"] == "files":
            profile["proxy"]["tls"], authority = operator_files(profile, engine.folder)
        self.profile = with_front(profile) if beside else profile
        self.bundle = rig.Bundle(engine, self.profile, name=f"{kind}-{name}")
        self.authority = authority or self.bundle.path / "certs/ca.crt"
        self.want = Expected.of(profile, self.bundle.secret("proxy_password"), FRONT_DOMAIN if beside else None)


def with_front(profile):
    """The profile of two systems: that of this one, and the site for everybody."""
    first = {key: profile[key] for key in ("system", "domain", "settings") if key in profile}
    rest = {key: value for key, value in profile.items() if key not in first}
    front = {"system": str(HERE / "front.system.yaml"), "domain": FRONT_DOMAIN}
    return rest | {"systems": {"game": first, "front": front}}


def operator_files(profile, folder):
    """The profile's `tls` with a certificate of another authority, as an operator would bring it, and that authority."""
    files = {name: folder / f"{name}.pem" for name in ("authority", "certificate", "key")}
    for path, data in zip(files.values(), issue([profile["domain"], f"api.{profile['domain']}"])):
        path.write_bytes(data)
        path.chmod(0o644)  # the key too: the proxy's user must read it, and all of this ends with the rig
    tls = {**profile["proxy"]["tls"], "certificate": str(files["certificate"]), "key": str(files["key"])}
    return tls, files["authority"]


def issue(names):
    """Certificate of an authority, a chain of one for these names, and its key, all as PEM."""
    now = datetime.now(timezone.utc)

    def certificate(subject, public, issuer, signer, *extensions):
        name = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (subject, issuer)]
        builder = x509.CertificateBuilder().subject_name(name[0]).issuer_name(name[1]).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        builder = builder.not_valid_after(now + timedelta(days=80))
        for extension in extensions:
            builder = builder.add_extension(extension, isinstance(extension, x509.BasicConstraints))
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    authority, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = certificate("Operator CA", authority.public_key(), "Operator CA", authority,
                       x509.BasicConstraints(ca=True, path_length=0))
    chain = certificate(names[0], leaf.public_key(), "Operator CA", authority,
                        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
                        x509.BasicConstraints(ca=False, path_length=None))
    key = leaf.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())
    return root, chain, key
