"""Keys, passwords and tokens of access in a text, and long strings that nobody can read.

The forms of keys are those of detect-secrets, and some of providers of models that it does not know yet.

>>> has_key("AKIA" + "SYNTHETIC4EXAMPL")
True
>>> tells_password("password: hunter2!"), tells_password("the password is reused on all accounts")
(True, False)
>>> has_opaque_string("Zx9Kq2LmV7bTn4RwYp8sJ3dF"), has_opaque_string("e7d705a3286e19ea42f587b344ee6865")
(True, False)
"""

import math
import re
from collections import Counter

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

_DETECTORS: tuple[RegexBasedDetector, ...] = (
    AWSKeyDetector(), AzureStorageKeyDetector(), BasicAuthDetector(), DiscordBotTokenDetector(), GitHubTokenDetector(),
    GitLabTokenDetector(), JwtTokenDetector(), MailchimpDetector(), NpmDetector(), OpenAIDetector(), PrivateKeyDetector(),
    PypiTokenDetector(), SendGridDetector(), SlackDetector(), SquareOAuthDetector(), StripeDetector(), TelegramBotTokenDetector(),
    TwilioKeyDetector(),
)  # fmt: skip
_DETECTOR_HINT = re.compile(
    r"A3T|ABIA|ACCA|AKIA|ASIA|aws|AccountKey|://|[MNO][\w-]{23}|gh[pousr]_|gl\w{2,5}-|GR1348|eyJ|-us\d|_authToken|T3Blbk"
    r"|PRIVATE KEY|pypi-|SG\.|xox|slack"
    r"|sq0csp|k_live_|\d{8}:[0-9A-Za-z_-]{10}|(?:AC|SK)[a-z0-9]{32}"
)
_MORE_KEYS = re.compile(
    r"\b(?:sk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{12,}|AIza[0-9A-Za-z_-]{30,}|hf_[A-Za-z0-9]{16,}|gsk_[A-Za-z0-9]{16,}"
    r"|xai-[A-Za-z0-9]{16,}|r8_[A-Za-z0-9]{16,}"
    r"|ya29\.[\w-]{10,}|dop_v1_\w{16,}|shpat_\w{16,}|pplx-\w{16,}|github_pat_\w{20,}|AGE-SECRET-KEY-\w+|ssh-(?:rsa"
    r"|ed25519) AAAA\S+|[Bb]earer\s+[A-Za-z0-9._~+/-]{12,})"
)
_NAMED = re.compile(
    r"(?:(?:\b|_)(?:pass(?:word|wd|phrase|code)|pwd|pw|secret|api[_ -]?(?:key|token|secret)|access[_ -]?(?:key|token)"
    r"|auth[_ -]?(?:key"
    r"|token)|client[_ -]?secret"
    r"|private[_ -]?key|credentials?|passwor[dt]|kennwort|mot de passe|contraseñas?|senha|pin|otp|пароль|ключ)\b"
    r"|密码|口令|密钥|パスワード"
    r"|暗証番号|비밀번호)"
    r"(?:\s?[:=：]\s?|\s(?:is|was|ist|lautet|est|es|is:)\s|[是为は]\s?|\s-\s)[\"'`«“]?(?=\S*[\d!@#$%^&*])\S{4,}",
    re.I,
)
_PARAMETER = re.compile(r"\b(?:api_?key|key|sid|session(?:id)?|cookie|token|auth|jwt|sig|signature)=[\w%.~-]{8,}", re.I)
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_DIGEST_LENGTHS = frozenset({32, 40, 56, 64, 96, 128})
_ENDLESS = re.compile(r"[^\s\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{250,}")


def has_key(text: str) -> bool:
    """Whether a key or token of access is in the text, told by its form."""
    if _MORE_KEYS.search(text):
        return True
    return _DETECTOR_HINT.search(text) is not None and any(_found(detector, text) for detector in _DETECTORS)


def tells_password(text: str) -> bool:
    """Whether a password, key or code is told in the text after its name."""
    return _NAMED.search(text) is not None or _PARAMETER.search(text) is not None


def has_opaque_string(text: str) -> bool:
    """Whether a string of 20 characters or more is in the text that neither is made of words nor a digest in hexadecimal."""
    return any(_opaque(found[0]) for found in _LONG.finditer(text)) or (len(text) >= 250 and _ENDLESS.search(text) is not None)


def _found(detector: RegexBasedDetector, text: str) -> bool:
    return any(True for _ in detector.analyze_string(text))


def _opaque(word: str) -> bool:
    if _HEX.fullmatch(word):
        return len(word) not in _DIGEST_LENGTHS
    if len(word) >= 32 and any(map(str.isdigit, word)) and sum(map(str.isupper, word)) >= 6 and entropy(word) >= 4.2:
        return True
    for part in re.split("[/=_-]", word):
        kinds = sum(map(str.isdigit, part)), sum(map(str.isupper, part)), sum(map(str.islower, part))
        if len(part) >= 16 and min(kinds) >= 2 and entropy(part) >= 3.3:
            return True
    return False


def entropy(text: str) -> float:
    """Shannon entropy of the characters of a text, in bits per character.

    >>> entropy("abab")
    1.0
    """
    total = len(text)
    return -sum(count / total * math.log2(count / total) for count in Counter(text).values())
