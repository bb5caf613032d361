"""Tokens: identifiers under an oblivious pseudorandom function (RFC 9497), so that two providers can compare what neither shows."""
