"""A certificate for servers on loopback, signed by an authority of its own, as a company has one."""

from __future__ import annotations

import atexit
import ipaddress
import shutil
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pms-certificates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    authority, ours = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("A company", authority, "A company", authority, authority=True)
    leaf = _certificate("127.0.0.1", ours, "A company", authority, authority=False)
    key = ours.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "root.pem").write_bytes(root)
    (folder / "server.pem").write_bytes(leaf + key)
    return folder


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, signed: ec.EllipticCurvePrivateKey, authority: bool
) -> bytes:
    now = datetime.now(UTC)
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed.public_key()), critical=False)
    )
    return made.sign(signed, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def bundle() -> str:
    """The file with the authority's certificate, for REQUESTS_CA_BUNDLE."""
    return str(_folder() / "root.pem")


def secured() -> ssl.SSLContext:
    """What a server on loopback speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_folder() / "server.pem")
    return context
