"""Protocol versions, suites and groups, as sslyze finds them, against Mozilla's guidelines; and the chain."""

import json
import ssl
from pathlib import Path

import sslyze

from ledger import check

GUIDELINES = Path(sslyze.__file__).parent / "mozilla_tls_profile/5.7.json"
OLD = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")
SCAN = ("--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--elliptic_curves", "--compression",
        "--heartbleed", "--openssl_ccs", "--reneg", "--robot", "--fallback", "--mozilla_config=disable")


def guideline(lab):
    text = json.loads(GUIDELINES.read_text())
    return text["configurations"]["modern" if lab.want.modern else "intermediate"]


def scan(lab):
    out = lab.place.scratch / "sslyze.json"
    address = lab.admin.target if lab.family == 4 else f"[{lab.admin.target}]"
    done = lab.place.tool("admin", "sslyze", *SCAN, f"--sni={lab.manager.host}", f"--json_out={out}",
                          f"{address}:{lab.want.https_port}")
    (result,) = json.loads(out.read_text())["server_scan_results"]
    lab.equal("sslyze connects", result["connectivity_status"], "COMPLETED", done.stdout[-300:])
    found = {name: attempt for name, attempt in result["scan_result"].items() if attempt}
    return {name: attempt["result"] for name, attempt in found.items() if attempt["status"] == "COMPLETED"}


@check(families=(4,))
def versions_suites_and_groups_are_mozillas(lab):
    found, wanted = scan(lab), guideline(lab)

    def accepted(version):
        return {suite["cipher_suite"]["name"] for suite in found[f"{version}_cipher_suites"]["accepted_cipher_suites"]}

    for version in OLD:
        lab.equal(version, accepted(version), set())
    # Our certificates have ECDSA keys, so of the list for TLS 1.2 those remain.
    suites = {name for name in wanted["ciphers"]["iana"] if "ECDSA" in name}
    lab.equal("suites of TLS 1.2", accepted("tls_1_2"), suites)
    lab.equal("suites of TLS 1.3", accepted("tls_1_3"), set(wanted["ciphersuites"]))
    # One group has two names.
    groups = {group["name"].replace("secp256r1", "prime256v1") for group in found["elliptic_curves"]["supported_curves"]}
    lab.equal("groups", groups, set(wanted["tls_curves"]))
    lab.equal("compression", found["tls_compression"]["supports_compression"], False)
    lab.equal("Heartbleed", found["heartbleed"]["is_vulnerable_to_heartbleed"], False)
    lab.equal("CCS injection", found["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"], False)
    reneg = found["session_renegotiation"]
    lab.equal("renegotiation by the client", reneg["is_vulnerable_to_client_renegotiation_dos"], False)


@check()
def the_version_is_what_the_policy_says(lab):
    for client in lab.clients:
        for version, spoken in ((ssl.TLSVersion.TLSv1_2, not lab.want.modern), (ssl.TLSVersion.TLSv1_3, True)):
            with client.bare() as bare:
                context = ssl.create_default_context(cafile=client.authority)
                context.minimum_version = context.maximum_version = version
                lab.equal(f"{client.network} {version.name}", handshake(context, bare, lab.manager.host), spoken)


@check()
def the_chain_leads_to_the_bundles_authority_and_no_other(lab):
    for client in lab.clients:
        for site in lab.want.sites:
            with client.bare() as bare:
                trusting = ssl.create_default_context(cafile=client.authority)
                lab.equal(f"{site.host} with the authority", handshake(trusting, bare, site.host), True)
            with client.bare() as bare:
                lab.equal(f"{site.host} without", handshake(ssl.create_default_context(), bare, site.host), False)


def handshake(context, bare, host):
    try:
        with context.wrap_socket(bare, server_hostname=host):
            return True
    except (ssl.SSLError, ConnectionError):
        return False
