import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.forensics.watermark.keyed_hash import halves, seed, word

MASK = (1 << 64) - 1
words = st.integers(0, MASK)


def siphash(key: bytes, message: bytes) -> int:
    """SipHash-2-4 as the paper writes it, for messages of any length: the oracle."""
    k0, k1 = (int.from_bytes(key[at : at + 8], "little") for at in (0, 8))
    state = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    padded = message + b"\0" * (7 - len(message) % 8) + bytes([len(message) % 256])
    for at in range(0, len(padded), 8):
        block = int.from_bytes(padded[at : at + 8], "little")
        state[3] ^= block
        rounds(state, 2)
        state[0] ^= block
    state[2] ^= 0xFF
    rounds(state, 4)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def rounds(v: list[int], count: int) -> None:
    def turn(x: int, by: int) -> int:
        return ((x << by) | (x >> (64 - by))) & MASK

    for _ in range(count):
        v[0] = (v[0] + v[1]) & MASK
        v[1] = turn(v[1], 13) ^ v[0]
        v[0] = turn(v[0], 32)
        v[2] = (v[2] + v[3]) & MASK
        v[3] = turn(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & MASK
        v[3] = turn(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & MASK
        v[1] = turn(v[1], 17) ^ v[2]
        v[2] = turn(v[2], 32)


def test_the_oracle_gives_the_value_of_the_paper() -> None:
    assert siphash(bytes(range(16)), bytes(range(15))) == 0xA129CA6149BE45E5


@given(st.binary(min_size=16, max_size=16), words)
def test_seeds_are_siphash_of_eight_bytes(key: bytes, context: int) -> None:
    k0, k1 = halves(key)
    assert int(seed(k0, k1, np.uint64(context))) == siphash(key, context.to_bytes(8, "little"))


def test_words_are_splitmix64() -> None:
    # the first outputs of the reference implementation for seed 1234567
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert [int(word(np.uint64(1234567), np.uint64(place))) for place in range(5)] == published
