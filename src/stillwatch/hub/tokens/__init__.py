"""The token service: blinded identifiers are evaluated for members, within their quotas, under open epochs."""
