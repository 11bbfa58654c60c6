from __future__ import annotations

import ssl

import pytest
from cryptography import x509

from freehold.base.clock import FakeClock
from freehold.base.errors import Denied, Internal
from freehold.edge.listen import tls


@pytest.fixture
def made(tmp_path):
    return tls.authority(tmp_path, clock=FakeClock())


def leaf_of(made, host):
    pem = made.leaf(host)
    return x509.load_pem_x509_certificate(pem[pem.index(b"-----BEGIN CERT") :])


def test_the_authority_is_made_once_and_its_key_is_its_owners_alone(tmp_path, made):
    assert tls.authority(tmp_path).certificate == made.certificate
    assert (tmp_path / "tls" / "authority.pem").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "tls" / "ca.pem").read_bytes() == made.certificate
    assert sorted(p.name for p in (tmp_path / "tls").iterdir()) == ["authority.pem", "ca.pem"]


def test_the_authority_is_constrained_critically(made):
    certificate = x509.load_pem_x509_certificate(made.certificate)
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert [str(name.value) for name in constraints.value.permitted_subtrees] == [
        *tls.PERMITTED,
        *tls.PERMITTED_NETWORKS,
    ]
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)


def test_a_leaf_says_what_it_is_for_and_who_made_it(made):
    leaf = leaf_of(made, "sts.amazonaws.com")
    issuer = x509.load_pem_x509_certificate(made.certificate)
    leaf.verify_directly_issued_by(issuer)
    have = leaf.extensions.get_extension_for_class
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert have(x509.AuthorityKeyIdentifier).value.key_identifier == own.key_identifier
    assert have(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == [
        "sts.amazonaws.com"
    ]
    assert have(x509.KeyUsage).critical
    assert leaf.serial_number != leaf_of(made, "sts.amazonaws.com").serial_number
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == tls.LEAF_DAYS


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("sts.amazonaws.com", True),
        ("a.b.c.studio.localhost", True),
        ("localhost", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("amazonaws.com.evil.example", False),
        ("evilamazonaws.com", False),
        ("10.0.0.1", False),
        ("a b.localhost", False),
        ("*.localhost", False),
        ("", False),
    ],
)
def test_it_speaks_for_its_own_names_only(made, host, may):
    assert made.speaks_for(host) is may
    if not may:
        with pytest.raises(Denied):
            made.context(host)


def test_contexts_are_kept_until_a_third_of_their_life_is_left(tmp_path):
    clock = FakeClock()
    made = tls.authority(tmp_path, clock=clock)
    first = made.context("localhost")
    clock.advance(59 * 86400)
    assert made.context("localhost") is first
    clock.advance(2 * 86400)
    assert made.context("localhost") is not first


def test_leaves_kept_are_bounded(made, monkeypatch):
    monkeypatch.setattr(tls, "LEAVES_MAX", 2)
    first = made.context("a.localhost")
    for name in ("b", "c"):
        made.context(f"{name}.localhost")
    assert made.context("a.localhost") is not first


def test_further_hosts_are_constrained_to_when_it_is_made(tmp_path):
    made = tls.authority(tmp_path, also=("10.1.0.0/16", "*.lab.example"))
    assert made.speaks_for("10.1.2.3")
    assert made.speaks_for("x.lab.example")
    assert not made.speaks_for("10.2.0.1")


def test_the_bundle_holds_certifis_and_ours(tmp_path):
    place = tls.bundle(tmp_path)
    before = place.stat().st_mtime_ns
    assert tls.bundle(tmp_path).stat().st_mtime_ns == before
    context = ssl.create_default_context(cafile=str(place))
    names = [dict(part[0] for part in c["subject"]) for c in context.get_ca_certs()]
    assert any(str(name.get("commonName", "")).startswith("Freehold install") for name in names)
    assert len(names) > 50


def test_a_damaged_authority_is_never_replaced(tmp_path, made):
    place = tmp_path / "tls" / "authority.pem"
    place.write_bytes(b"broken")
    with pytest.raises(Internal, match="damaged"):
        tls.authority(tmp_path)
    assert place.read_bytes() == b"broken"
