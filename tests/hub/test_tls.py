"""TLS: a hub and its members over HTTPS, each showing a certificate; the token service asked over it."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from stillwatch.hub.tokens.register import Register, write_register
from stillwatch.hub.tokens.service import TokenFiles
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.failures import PeerSilent
from stillwatch.sharing.exchange.holder import RemoteEvaluator
from stillwatch.sharing.exchange.patience import Patience
from stillwatch.sharing.exchange.peer import Peer
from stillwatch.sharing.exchange.place import locate
from stillwatch.sharing.tokens.tokeniser import Holder, KeyTokeniser, MemberTokeniser
from tests.hub.served import Served
from tests.hub.test_faults import _begun

NOW = datetime.now(UTC)


class Authority:
    """A synthetic authority; it writes PEM files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Synthetic authority")])
        self.certificate = self._certificate(self.name, self.key.public_key(), x509.BasicConstraints(True, None))
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def issue(self, name: str) -> tuple[Path, Path]:
        """The files of a certificate for this machine, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._certificate(subject, key.public_key(), x509.BasicConstraints(False, None))
        certificate, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(Encoding.PEM))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, private

    def _certificate(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, bounds: x509.BasicConstraints) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            self.name, subject, key, x509.random_serial_number(), NOW - timedelta(days=1), NOW + timedelta(days=1)
        )
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        return builder.add_extension(bounds, critical=True).add_extension(alternative, critical=False).sign(self.key, SHA256())


@dataclass
class Secured:
    """A hub over TLS, and what its member has."""

    served: Served
    key: str
    authority: Path
    certificate: Path
    files: TokenFiles


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder, state = tmp_path_factory.mktemp("certificates"), tmp_path_factory.mktemp("hub")
    authority = Authority(folder)
    certificate, private = authority.issue("hub")
    shown, its_key = authority.issue("member")
    both = folder / "member-both.pem"
    both.write_bytes(shown.read_bytes() + its_key.read_bytes())
    key, _ = _begun(state)
    trusting = ssl.create_default_context(cafile=str(authority.file))
    trusting.load_cert_chain(both)
    options = ("--tls-certificate", str(certificate), "--tls-key", str(private), "--client-ca", str(authority.file))
    served = Served(state, *options, tls=trusting)
    yield Secured(served, key, authority.file, both, TokenFiles(state))
    served.stop()


def test_both_sides_show_a_certificate(secured: Secured) -> None:
    peer = Peer.at(secured.served.url, "a", secured.key, authority=secured.authority, certificate=secured.certificate)
    with Connection(peer) as connection:
        assert locate(connection).root == f"{secured.served.url}/hub/"


def test_without_a_certificate_or_trust_nothing_is_said(secured: Secured) -> None:
    url, key = secured.served.url, secured.key
    for peer in (Peer.at(url, "a", key, authority=secured.authority), Peer.at(url, "a", key, certificate=secured.certificate)):
        with Connection(peer, Patience(tries=1)) as connection, pytest.raises(PeerSilent):
            locate(connection)


def test_tokens_over_tls(secured: Secured) -> None:
    key = secured.files.draw("e1")
    write_register(Register().opened("e1", NOW, None).allowing("a", 10), secured.files.register)
    peer = Peer.at(secured.served.url, "a", secured.key, authority=secured.authority, certificate=secured.certificate)
    evaluator = RemoteEvaluator(peer)
    assert [(each.epoch, each.public) for each in evaluator.offer().epochs] == [("e1", key.public.hex())]
    forms = [b"email\x1fjane@example.com"]
    assert MemberTokeniser("e1", "a", (Holder(evaluator, key.public),)).values(forms) == KeyTokeniser("e1", key).values(forms)
