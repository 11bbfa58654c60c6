"""The install's own certificate authority, and a leaf certificate for each host it answers for.

Input: the state directory, and host names from TLS hellos and CONNECT lines. Output: server
contexts for ``server.py`` and ``forward.py``, and the bundle for ``AWS_CA_BUNDLE``. The authority
is name-constrained: stolen, it still cannot speak for any host outside ``PERMITTED``.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import ssl
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from freehold.base.clock import Clock, SystemClock
from freehold.base.errors import Denied, Internal

PERMITTED = ("amazonaws.com", "api.aws", "sagemaker.aws", "app.aws", "localhost")
"""DNS subtrees, each with all names below it (RFC 5280, 4.2.1.10: no leading dot)."""
PERMITTED_NETWORKS = ("127.0.0.0/8", "::1/128")
AUTHORITY_DAYS = 3650
LEAF_DAYS = 90
LEAVES_MAX = 512
"""Leaves kept in memory; the one longest unused is dropped and made again when asked for."""
BACKDATED = timedelta(hours=1)
"""For clients whose clock is a little behind ours."""

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\Z")


class Authority:
    """One install's certificate authority, with the leaves it has made.

    Attributes:
        certificate: The authority's own certificate, PEM.
    """

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        clock: Clock | None = None,
    ) -> None:
        self._key = key
        self._issuer = certificate
        self._clock = clock or SystemClock()
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._leaves: OrderedDict[str, tuple[float, ssl.SSLContext]] = OrderedDict()
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        permitted = constraints.permitted_subtrees or []
        self._names = tuple(str(g.value) for g in permitted if isinstance(g, x509.DNSName))
        self._networks = tuple(
            ipaddress.ip_network(str(g.value)) for g in permitted if isinstance(g, x509.IPAddress)
        )
        self.certificate = certificate.public_bytes(serialization.Encoding.PEM)

    def speaks_for(self, host: str) -> bool:
        """Whether the name constraints let us make a leaf for ``host`` (lower case, no port)."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return bool(_HOST.match(host)) and any(
                host == name or host.endswith("." + name) for name in self._names
            )
        return any(address in network for network in self._networks)

    def context(self, host: str) -> ssl.SSLContext:
        """The server context for ``host``; made at first asking, about a millisecond.

        A leaf with a third of its life left is made anew.

        Raises:
            Denied: The host lies outside of what the authority may speak for.
        """
        now = self._clock.now()
        kept = self._leaves.get(host)
        if kept is not None and kept[0] > now:
            self._leaves.move_to_end(host)
            return kept[1]
        if not self.speaks_for(host):
            raise Denied(f"This install's certificate authority does not speak for {host!r}.")
        context = _server_context(self.leaf(host))
        self._leaves[host] = (now + LEAF_DAYS * 86400 * 2 / 3, context)
        if len(self._leaves) > LEAVES_MAX:
            self._leaves.popitem(last=False)
        return context

    def listener_context(self, default_host: str) -> ssl.SSLContext:
        """A context that picks the leaf by the name in the hello.

        A client that names no host (an address in its URL) gets ``default_host``'s leaf. One that
        names a host outside the constraints gets the alert ``unrecognized_name``.
        """
        context = _server_context(self.leaf(default_host))

        def chosen(
            tls: ssl.SSLObject | ssl.SSLSocket, host: str | None, _: ssl.SSLContext
        ) -> int | None:
            try:
                tls.context = self.context(host.lower() if host else default_host)
            except Denied:
                return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
            return None

        context.sni_callback = chosen
        return context

    def leaf(self, host: str) -> bytes:
        """PEM of key and certificate for ``host`` (a name or an address), fit for 90 days."""
        name: x509.GeneralName
        try:
            name = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        issuer = self._issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        public = self._leaf_key.public_key()
        certificate = (
            _started(_subject("Freehold"), self._issuer.subject, self._clock.now(), LEAF_DAYS)
            .public_key(public)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(is_authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        return _pem(self._leaf_key) + certificate.public_bytes(serialization.Encoding.PEM)


def authority(state: Path, also: Sequence[str] = (), clock: Clock | None = None) -> Authority:
    """The authority of the install in ``state``; made at the first call and kept there.

    ``<state>/tls/authority.pem`` holds key and certificate (0600), ``ca.pem`` the certificate
    alone. Two processes that start at once end up with the same authority.

    Args:
        state: The install's directory; exists.
        also: Further host names or networks to be constrained to; read only when it is made.
        clock: For tests.

    Raises:
        Internal: The file is there and damaged. We never replace one by ourselves: clients
            have been told to trust it.
    """
    clock = clock or SystemClock()
    place = _directory(state) / "authority.pem"
    if not place.exists():
        _create_once(place, _new_authority(clock.now(), also))
    pem = place.read_bytes()
    try:
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :])
    except ValueError as error:
        raise Internal(
            f"{place} is damaged: restore it from a backup, or move it away and start again "
            "(clients must then load the new certificate)."
        ) from error
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    made = Authority(key, certificate, clock)
    _write(place.with_name("ca.pem"), made.certificate)
    return made


def bundle(state: Path) -> Path:
    """The PEM file for ``AWS_CA_BUNDLE``: what certifi trusts, and this install's authority."""
    own = authority(state).certificate
    place = _directory(state) / "bundle.pem"
    _write(place, certifi.contents().encode().rstrip() + b"\n\n# This Freehold install\n" + own)
    return place


def _new_authority(now: float, also: Sequence[str]) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject("Freehold", f"Freehold install {secrets.token_hex(4)}")
    permitted: list[x509.GeneralName] = []
    for entry in (*PERMITTED, *PERMITTED_NETWORKS, *also):
        try:
            permitted.append(x509.IPAddress(ipaddress.ip_network(entry, strict=False)))
        except ValueError:
            permitted.append(x509.DNSName(entry.lower().lstrip("*.")))
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        _started(subject, subject, now, AUTHORITY_DAYS)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(identity, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return _pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def _started(
    subject: x509.Name, issuer: x509.Name, now: float, days: int
) -> x509.CertificateBuilder:
    at = datetime.fromtimestamp(now, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + timedelta(days=days))
    )


def _subject(organization: str, common_name: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)]
    if common_name:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(parts)


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _server_context(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # OpenSSL reads keys from files only; this one never touches a disk.
    descriptor = os.memfd_create("leaf", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, pem)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
    return context


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _directory(state: Path) -> Path:
    place = state / "tls"
    place.mkdir(mode=0o755, exist_ok=True)
    return place


def _create_once(place: Path, content: bytes) -> None:
    """Write ``content`` (0600) unless somebody else was first; never a half file."""
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, place)
        except FileExistsError:
            return
    finally:
        fresh.unlink()


def _write(place: Path, content: bytes) -> None:
    if place.exists() and place.read_bytes() == content:
        return
    fresh = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    fresh.write_bytes(content)
    fresh.chmod(0o644)
    fresh.replace(place)
