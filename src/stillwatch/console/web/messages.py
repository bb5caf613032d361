"""What is said after an action, by the word that stands in the address; an unknown word says nothing."""

SAYINGS = {
    "signed-out": "You are signed out.",
    "proposed": "The share is proposed. These are the exact bytes that leave once it is approved.",
    "released": "The share is approved, recorded and written to the outbox.",
    "declined": "The share is declined; nothing left.",
    "user-added": "The user is added.",
    "user-removed": "The user is removed, with passkeys and login records.",
    "passkey-added": "The passkey is added; from now on you can sign in with it.",
    "pardoned": "The account is served from now on, whatever speaks against it; running gateways follow within seconds.",
    "taken-back": "The pardon is taken back.",
    "judged": "The judgement is recorded.",
    "assigned": "The case is assigned.",
    "decided": "The decision is recorded.",
    "commented": "The comment is recorded.",
    "case-opened": "The case is opened.",
}
