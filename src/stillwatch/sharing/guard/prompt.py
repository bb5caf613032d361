"""Raw prompts and other people's words in a text: what is said to an assistant, or by somebody of themselves.

A description of a technique speaks about requests (*asks for the reasoning step by step*); a prompt makes one. So what counts is
who speaks to whom: an assistant addressed, a request at the start of a text or of a quotation, the first person singular, speakers'
names before their lines, and long quotations.

>>> [is_prompt(text, text, vocabulary().hits(text)) for text in ("write a poem about dogs", "asks to explain why")]
[True, False]
"""

import re
from collections.abc import Sequence

from stillwatch.sharing.guard.words import Hit, vocabulary

_MARKUP = re.compile(
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|</?(?:system|user|assistant|human)>|#{2,}\s?(?:Instruction|Response|Human|Assistant"
    r"|System|User|Input|Question)\b"
    r"|[\"']role[\"']\s*:\s*[\"'](?:user|system|assistant|developer)[\"']|```",
    re.I,
)
_SIGNS = re.compile(r"[<\[#\"'`:：“«„「『|]")
_SPEAKER = re.compile(
    r"(?:^|[\n\s\"“'|>]\s*|[.!?]\s+)(?P<who>user|assistant|human|system|ai|bot|chatgpt|claude|q|a|question|answer|prompt"
    r"|benutzer|nutzer|assistent|utilisateur|usuario|asistente"
    r"|frage|antwort|pregunta|respuesta|réponse|用户|助手|问题|答案|问|答|ユーザー|アシスタント|質問|回答|пользователь|ассистент|вопрос"
    r"|ответ)\s?(?:\d{1,3})?\s?[:：]\s",
    re.I,
)
_SPEAKS_FIRST = re.compile(r"\W{0,3}(?:user|assistant|system|human)\s?[:：]\s", re.I)
_QUOTED_PROMPT = re.compile(
    r"(?:prompt|system message|user message|user input|query|request|anfrage|requête|提示词?|プロンプト"
    r"|промпт\w*)s?\b[^\"“«「『\n]{0,25}[\"“«「『](?:\S+\s){5,}",
    re.I,
)
_QUOTATION = re.compile(r"[\"“«„]((?:[^\"”»“]{8,}))[\"”»“]|[「『]([^」』]{45,})[」』]")
_LONGEST_QUOTATION = 22
_QUESTION = re.compile(r"[?？]\s*[\"”»」]?\s*$")
_OPENS = re.compile(r"(?:^|[:：\"“«「『>\n]|\s-|^\d{1,3}[.)])\s*$")
_FEWEST_OF_MINE = 2


def is_prompt(written: str, reading: str, hits: Sequence[Hit]) -> bool:
    """Whether a text is or contains a raw prompt or somebody's own words: as written, in reading form, and the known words in "
    "that."""
    if _SIGNS.search(written) and (_MARKUP.search(written) or _is_dialogue(written) or _quotes_at_length(written)):
        return True
    mask = vocabulary().mask
    addressed, asked, mine = mask("addressed|confides"), mask("asked"), mask("me")
    hits = [hit for hit in hits if hit.kinds & (addressed | asked | mine)]
    if any(hit.kinds & addressed for hit in hits) or sum(bool(hit.kinds & mine) for hit in hits) >= _FEWEST_OF_MINE:
        return True
    asking = [hit for hit in hits if hit.kinds & asked]
    return any(_opens(hit, reading) or _closes(hit, reading) for hit in asking) or (
        bool(asking) and _QUESTION.search(written) is not None
    )


def _opens(hit: Hit, reading: str) -> bool:
    """Whether something stands at the start of the text or of a quotation."""
    return _OPENS.search(reading[max(0, hit.start - 6) : hit.start]) is not None if hit.start > 0 else True


def _closes(hit: Hit, reading: str) -> bool:
    """Whether something of another script stands at the end of the text, where many languages have their verbs."""
    return not reading[hit.start : hit.end].isascii() and not reading[hit.end :].strip(" .!。！")


def _is_dialogue(text: str) -> bool:
    return _SPEAKS_FIRST.match(text) is not None or len({found["who"].lower() for found in _SPEAKER.finditer(text)}) >= 2


def _quotes_at_length(text: str) -> bool:
    if _QUOTED_PROMPT.search(text):
        return True
    return any(found[2] or len(found[1].split()) >= _LONGEST_QUOTATION for found in _QUOTATION.finditer(text))
