"""Sets up the search engine's security, once: certificates of its nodes, a key for the program.

    setup.py certificates FOLDER NODE…    ca.crt, and NODE.crt, NODE.key for each node
    setup.py api-key FILE                 a key with the rights on `PREFIX-*` alone

Again: what is there and valid stays. To renew: remove the files first.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

YEARS = 3
MAY_READ = 0o640  # the nodes read by their group


def rights(prefix: str) -> dict[str, Any]:
    """What the program does on the cluster, and nothing more."""
    return {
        "petitions": {
            "cluster": ["monitor"],
            "indices": [{"names": [f"{prefix}-*"], "privileges": ["manage", "read", "write"]}],
        }
    }


def make_certificates(folder: Path, nodes: Sequence[str]) -> list[Path]:
    """An authority of its own and a certificate for each node; which were made.

    The authority's key is kept nowhere: new nodes mean new certificates for all.
    """
    wanted = [folder / f"{node}.crt" for node in nodes]
    if (folder / "ca.crt").exists() and all(path.exists() for path in wanted):
        return []
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "petitions search engine")])
    authority = (
        _certificate(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    for node in nodes:
        own = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
        made = (
            _certificate(subject, name, own.public_key())
            .add_extension(x509.SubjectAlternativeName(_names(node)), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage(
                    [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                ),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        private = own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write(folder / f"{node}.key", private)
        _write(folder / f"{node}.crt", made.public_bytes(serialization.Encoding.PEM))
    # Last: with it all are whole.
    _write(folder / "ca.crt", authority.public_bytes(serialization.Encoding.PEM))
    return [folder / "ca.crt", *wanted]


def make_api_key(
    file: Path, url: str, authority: Path, password: str, prefix: str = "petitions"
) -> bool:
    """Ask the cluster for a key and write it down; False when the file holds a valid one."""
    with httpx.Client(base_url=url, verify=str(authority), timeout=30, trust_env=False) as client:
        if file.exists():
            held = {"Authorization": f"ApiKey {file.read_text('ascii').strip()}"}
            answer = client.get("/_security/_authenticate", headers=held)
            if answer.status_code == 200:
                return False
        answer = client.post(
            "/_security/api_key",
            auth=("elastic", password),
            json={"name": "petitions", "role_descriptors": rights(prefix)},
        )
        if answer.status_code != 200:
            raise SystemExit(f"{url} gave no key ({answer.status_code}): {answer.text[:500]}")
        made = answer.json()
    encoded = base64.b64encode(f"{made['id']}:{made['api_key']}".encode())
    _write(file, encoded + b"\n")
    return True


def _certificate(subject: x509.Name, issuer: x509.Name, key: Any) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
    )


def _names(node: str) -> list[x509.GeneralName]:
    """A node is called by its name, by its name in a headless service, and by itself."""
    service = node.rpartition("-")[0] or node
    return [
        x509.DNSName(node),
        x509.DNSName(f"{node}.{service}"),
        x509.DNSName(service),
        x509.DNSName("localhost"),
        x509.IPAddress(ip_address("127.0.0.1")),
    ]


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes) -> None:
    passing = path.with_name(f".{path.name}.coming")
    passing.unlink(missing_ok=True)
    with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MAY_READ), "wb") as file:
        file.write(content)
    passing.chmod(MAY_READ)
    passing.rename(path)


def main(words: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    certificates = commands.add_parser("certificates", help="certificates of the nodes")
    certificates.add_argument("folder", type=Path)
    certificates.add_argument("node", nargs="+")
    key = commands.add_parser("api-key", help="a key for the program")
    key.add_argument("file", type=Path)
    key.add_argument("--url", required=True, help="https://NODE:9200")
    key.add_argument("--ca", type=Path, required=True, help="ca.crt")
    key.add_argument("--password-file", type=Path, required=True, help="of the user elastic")
    key.add_argument("--prefix", default="petitions", help="PETITIONS_ELASTICSEARCH_PREFIX")
    given = parser.parse_args(words)
    if given.command == "certificates":
        done: dict[str, Any] = {
            "made": [str(path) for path in make_certificates(given.folder, given.node)]
        }
    else:
        password = given.password_file.read_text("utf-8").strip()
        made = make_api_key(given.file, given.url, given.ca, password, given.prefix)
        done = {"made": [str(given.file)] if made else []}
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
