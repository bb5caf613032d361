"""Stillwatch finds, attributes and stops adversarial distillation of language models.

The folders stand in the order in which data flows: ``traffic`` (requests and fingerprints) feeds ``signals``
(evidence in bits), which feed ``campaigns`` (groups of accounts with error control). Each floor imports only from
the floors below it; ``errors``, ``vocabulary`` and ``config`` are the ground floor.
"""

__version__ = "0.1.0"
