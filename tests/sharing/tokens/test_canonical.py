"""Canonical forms: spellings of one identifier, identifiers that stay apart, values that are refused, idempotence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sharing.tokens.canonical import KINDS, SEPARATOR, canonical
from stillwatch.sharing.tokens.forms.text import LONGEST, UNSEEN, IdentifierRefused

SAME = {
    "e-mail: case and blanks": ("email", " Jane@Example.COM\t", "jane@example.com"),
    "e-mail: full-width": ("email", "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", "jane@example.com"),
    "e-mail: dot after the domain": ("email", "jane@example.com.", "jane@example.com"),
    "e-mail: other letters in the domain": ("email", "jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
    "e-mail: A-label": ("email", "jane@XN--BCHER-KVA.example", "jane@xn--bcher-kva.example"),
    "e-mail: sharp s is not ss in a domain": ("email", "jane@straße.example", "jane@xn--strae-oqa.example"),
    "e-mail: tag and dots at Gmail": ("email", "J.Doe+x+y@googlemail.com", "jdoe@gmail.com"),
    "e-mail: tag, not dots, at Outlook": ("email", "J.Doe+x@Outlook.com", "j.doe@outlook.com"),
    "e-mail: composed and decomposed": ("email", "re\u0301ne@example.com", "r\u00e9ne@example.com"),
    "payment": ("payment-fingerprint", "\u3000Xt5EWLLDS7FJjR1c\n", "Xt5EWLLDS7FJjR1c"),
    "payment: digits with a wrong check digit": ("payment-fingerprint", "4111111111111112", "4111111111111112"),
    "IPv4 in IPv6": ("ip-address", "::ffff:203.0.113.7", "203.0.113.7"),
    "IPv6 long": ("ip-address", "2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
    "prefix with host bits": ("ip-prefix", "203.0.113.77/25", "203.0.113.0/25"),
    "prefix of an address": ("ip-prefix", "203.0.113.77", "203.0.113.0/24"),
    "prefix of an IPv6 address": ("ip-prefix", "2001:db8:1:2::3", "2001:db8:1::/48"),
    "prefix, IPv4 in IPv6": ("ip-prefix", "::ffff:203.0.113.77/120", "203.0.113.0/24"),
    "prefix of a mapped address": ("ip-prefix", "::ffff:203.0.113.77", "203.0.113.0/24"),
    "UUID in braces": ("device-id", "{6F9619FF-8B86-4011-B42D-00C04FC964FF}", "6f9619ff-8b86-4011-b42d-00c04fc964ff"),
    "UUID without hyphens": ("device-id", "6F9619FF8B864011B42D00C04FC964FF", "6f9619ff-8b86-4011-b42d-00c04fc964ff"),
    "UUID as URN": ("device-id", "urn:uuid:6f9619ff-8b86-4011-b42d-00c04fc964ff", "6f9619ff-8b86-4011-b42d-00c04fc964ff"),
    "device: opaque, case counts": ("device-id", "Dev_A1", "Dev_A1"),
    "account: case, width, blanks, unseen": ("account-name", " Ａcme \u00a0 La\u200bbs", "acme labs"),
    "account: unseen in front": ("account-name", "\ufeff\u2060 acme", "acme"),
    "account: sharp s": ("account-name", "STRASSE", "strasse"),
    "client": ("client-fingerprint", "T13D1516H2_8DAAF6152771_B186095E22B6", "t13d1516h2_8daaf6152771_b186095e22b6"),
}
APART = {
    "tags elsewhere": ("email", "jane+x@example.com", "jane@example.com"),
    "dots elsewhere": ("email", "ja.ne@example.com", "jane@example.com"),
    "letters of two scripts": ("account-name", "acme", "\u0430cme"),
    "opaque case": ("payment-fingerprint", "Xt5E", "xt5e"),
    "prefixes of two lengths": ("ip-prefix", "203.0.113.0/24", "203.0.113.0/25"),
}
REFUSED = {
    "unknown kind": ("passport", "x", "no kind"),
    "empty": ("account-name", " \u3000 ", "empty"),
    "only unseen": ("account-name", "\u200b\u2060", "empty"),
    "control": ("account-name", "a\x00b", "U+0000"),
    "new line": ("account-name", "a\nb", "control"),
    "half a character": ("account-name", "a\ud800", "U+D800"),
    "unassigned": ("account-name", "a\u0378", "U+0378"),
    "private use": ("account-name", "a\ue000", "U+E000"),
    "separator": ("device-id", f"a{SEPARATOR}b", "U+001F"),
    "too long": ("device-id", "x" * (LONGEST + 1), "longer"),
    "too long in bytes": ("account-name", "é" * (LONGEST // 2 + 1), "longer"),
    "not UTF-8": ("email", b"\xff@example.com", "UTF-8"),
    "no @": ("email", "jane.example.com", "0"),
    "two @": ("email", "jane@x@example.com", "2"),
    "nothing before the @": ("email", "@example.com", "before the @"),
    "nothing behind the @": ("email", "jane@", "behind the @"),
    "one label": ("email", "jane@localhost", "two labels"),
    "host address": ("email", "jane@192.0.2.1", "host"),
    "literal": ("email", "jane@[192.0.2.1]", "behind the @"),
    "quoted": ("email", '"jane doe"@example.com', "quoted"),
    "two dots": ("email", "jane..doe@example.com", "before the @"),
    "dot before the tag": ("email", "jane.+x@outlook.com", "before the @"),
    "only a tag": ("email", "+x@gmail.com", "before the @"),
    "only a tag that is a dot": ("email", ".@gmail.com", "before the @"),
    "unseen in the local part": ("email", "ja\ufe0fne@example.com", "before the @"),
    "name and address": ("email", "Jane <jane@example.com>", "behind the @"),
    "long local part": ("email", "x" * 65 + "@example.com", "64"),
    "underscore in the domain": ("email", "jane@a_b.example", "behind the @"),
    "bad A-label": ("email", "jane@xn--a.example", "behind the @"),
    "card number": ("payment-fingerprint", "4111 1111 1111 1111", "card number"),
    "card number with hyphens": ("payment-fingerprint", "3782-822463-10005", "card number"),
    "two fingerprints": ("payment-fingerprint", "fp_a fp_b", "blank"),
    "not ASCII": ("payment-fingerprint", "fp_é", "ASCII"),
    "leading zeros": ("ip-address", "192.0.02.1", "no IPv4 or IPv6"),
    "port": ("ip-address", "192.0.2.1:443", "no IPv4 or IPv6"),
    "prefix as address": ("ip-address", "192.0.2.0/24", "no IPv4 or IPv6"),
    "number": ("ip-address", "3221225985", "no IPv4 or IPv6"),
    "zone": ("ip-address", "2001:db8::1%eth0", "zone"),
    "private": ("ip-address", "192.168.1.1", "internet"),
    "private, mapped": ("ip-address", "::ffff:10.0.0.1", "internet"),
    "loopback": ("ip-address", "::1", "internet"),
    "link-local": ("ip-address", "fe80::1", "internet"),
    "multicast": ("ip-address", "224.0.0.251", "internet"),
    "prefix too long": ("ip-prefix", "192.0.2.0/33", "length"),
    "prefix too wide": ("ip-prefix", "2001::/15", "wider"),
    "everything": ("ip-prefix", "0.0.0.0/0", "wider"),
    "mapped, everything": ("ip-prefix", "::ffff:203.0.113.7/20", "wider"),
    "netmask": ("ip-prefix", "203.0.113.0/255.255.255.0", "length"),
    "private prefix": ("ip-prefix", "10.1.0.0/16", "internet"),
    "id of zeros": ("device-id", "00000000-0000-0000-0000-000000000000", "zeros"),
    "user agent": ("client-fingerprint", "Mozilla/5.0 (X11)", "blank"),
}
texts = st.text() | st.text(st.sampled_from("aAß.@+-%/:0159ǅﬁİ\u0345\u200b\ufe0f\u3164\u1160é\u0301 "))
likely = st.one_of(
    texts,
    st.emails(),
    st.ip_addresses().map(str),
    st.tuples(st.ip_addresses(v=4), st.integers(0, 40)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.tuples(st.ip_addresses(v=6), st.integers(0, 140)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.uuids().map(lambda number: number.hex.upper()),
    st.tuples(texts, st.sampled_from(["@gmail.com", "@outlook.com", "@example.com", "@bücher.example"])).map("".join),
)


@pytest.mark.parametrize(("kind", "value", "normal"), SAME.values(), ids=SAME)
def test_spellings(kind: str, value: str, normal: str) -> None:
    assert canonical(kind, value) == f"{kind}{SEPARATOR}{normal}".encode()
    assert canonical(kind, normal) == canonical(kind, value) == canonical(kind, value.encode())


@pytest.mark.parametrize(("kind", "one", "other"), APART.values(), ids=APART)
def test_what_stays_apart(kind: str, one: str, other: str) -> None:
    assert canonical(kind, one) != canonical(kind, other)


@pytest.mark.parametrize(("kind", "value", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_why(kind: str, value: str | bytes, why: str) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        canonical(kind, value)
    assert why in refused.value.what
    assert refused.value.cure
    assert refused.value.exit_status == 4


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_error_never_shows_the_value(kind: str) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        canonical(kind, "4111 1111 jane@doe@secret.example \0")
    assert not any(part in str(refused.value) for part in ("jane", "doe", "secret", "4111"))


@given(st.sampled_from(sorted(KINDS)), likely)
def test_canonical_is_idempotent_or_refuses(kind: str, value: str) -> None:
    try:
        once = canonical(kind, value)
    except IdentifierRefused:
        return
    assert canonical(kind, once) == once
    assert canonical(kind, once.decode().removeprefix(kind + SEPARATOR)) == once


@given(likely)
def test_one_value_has_different_forms_under_different_kinds(value: str) -> None:
    forms = []
    for kind in KINDS:
        try:
            forms.append(canonical(kind, value))
        except IdentifierRefused:
            continue
    assert len(set(forms)) == len(forms)


@given(st.emails(), st.booleans())
def test_case_and_blanks_do_not_count_in_addresses(address: str, upper: bool) -> None:
    try:
        expected = canonical("email", address)
    except IdentifierRefused:
        return
    assert canonical("email", f"  {address.upper() if upper else address.lower()} ") == expected


def test_unseen_characters_are_those_of_unicode() -> None:
    assert all(UNSEEN.search(chr(code)) for code in (0xAD, 0x34F, 0x200B, 0x2060, 0x3164, 0xFE0F, 0xFEFF, 0xE0020))
    assert not UNSEEN.search("".join(map(chr, range(0x20, 0x7F))))
