"""Customers and companies named in a text, in a text whose case is as it was written.

A name is told by its company form (*Initech Inc.*), or by standing beside the word customer, or beside a deal with *us*.

>>> names_company("Globex GmbH"), names_company("Rate Limited")
(True, False)
>>> [names_customer(text) for text in ("our customer Initech", "Umbrella is a customer of ours", "customer API keys")]
[True, True, False]
"""

import re

_WORD = r"[A-ZÀ-ÖØ-ÞА-Я][\w&'’.-]*"
_NAME = (
    r"(?!(?:API|SDK|TLS|HTTP|ID|IDs|IP|JSON|AI|UI|URL|JA3|JA4|ASN|SMS|KYC|TLP|LLM|GPU|The|A|An|And|For|In|Of|On|To|With)\b)"
    r"[A-ZÀ-ÖØ-Þ](?:[a-zà-ÿß]{2}|[A-Z&]{2})[\w&'’-]*"
)
_FORM = (
    r"(?:Inc|LLC|L\.L\.C|Ltd|Corp|Corporation|GmbH|mbH|UG|AG|KGaA|S\.A\.S|S\.A|S\.L|SARL|SAS|SpA|S\.p\.A|S\.r\.l|Srl|BV|B\.V|NV"
    r"|N\.V|Oy|Oyj|ApS|A/S|ASA|PLC|plc"
    r"|LLP|Pty|K\.K|KK|Bhd|Pvt|Co\.,? Ltd|Incorporated|Aktiengesellschaft|Sp\. z o\.o|A\.Ş|Ltda)"
)
_COMPANY = re.compile(
    rf"\b{_WORD}(?:[ ,]{{1,2}}(?:{_WORD}|&|and|und|et|y|of|de|für|for)){{0,4}},?[ ]{_FORM}(?![\w])"
    r"|\b(?!(?:Rate|Time|Access|Usage|Range|Scope|Resource|Very|Is|Are|Was)\b)[A-Z][a-z]+ [A-Z][a-z]+,? (?:Limited|Holdings?"
    r"|Group plc|Bank AG|Bancorp)\b"
    r"|(?:株式会社|有限会社|合同会社)[\w・ー]{2,}|[\w・ー]{2,20}(?:株式会社|有限会社)|[\u4e00-\u9fff（）()]{2,24}(?:有限公司|股份公司|集团|集團)|(?:주식회사|\(주\)"
    r"|㈜)\s?\w{2,}"
    r"|\b(?:ООО|ОАО|ЗАО|ПАО|АО|ИП)\s?[«\"“]?[А-ЯA-Z]"
)
_CUSTOMER = (
    r"(?:[Cc]ustomers?|[Ss]ubscribers?|[Tt]enants?|[Bb]uyers?|(?:our|Our|enterprise|major|big|key|biggest|largest|lawful"
    r"|paying) (?:[Cc]lients?|[Aa]ccounts?)"
    r"|[Kk]unden?|[Gg]ro(?:ß|ss)kunden?|(?:[Nn]otre|[Nn]os|du|un|le) clients?|(?:[Nn]uestro|[Nn]uestros|del|el|un) clientes?"
    r"|(?:[Nn]osso|o|do) clientes?|(?:[Nn]ostro|il|del) clienti?e?|klant(?:en)?"
    r"|[Кк]лиент\w*|[Зз]аказчик\w*|müşterimiz|klient\w*)"
)
_LINK = (
    r"(?:[ ,:(–—-]{1,3}|\s(?:is|are|was|named|called|like|such as|e\.g\.|including|include|namens|wie"
    r"|appelé|comme|llamado|como|es|est|ist|—|–|-)\s)[\"“«'„]?"
)
_BESIDE = re.compile(rf"(?<![\w-]){_CUSTOMER}{_LINK}(?P<who>{_NAME}|[А-Я][а-я]{{2,}}\w*)")
_IS_CUSTOMER = re.compile(
    rf"(?<![\w.])(?P<who>{_NAME}(?: {_NAME})*),? (?:is|was|are|remains|became|as|ist|est|es|—|–|,)\s?(?:now |still |also "
    rf"|not )?(?:a|an|one of|our|their|your|ein|eine|unser|notre|un|une|nuestro|my)?"
    r" ?(?:\w+ ){0,3}?(?:[Cc]ustomers?|[Cc]lients?|[Ss]ubscribers?|[Kk]unden?|clientes?)\b"
)
_DEAL = re.compile(
    r"\b(?:contract|deal|agreement|renewal|subscription|licence|license|Vertrag|contrat|contrato|контракт)\s(?:with|for|to|mit"
    r"|avec|con|с)\s(?:the\s|der\s|den\s)?"
    rf"(?P<who>{_NAME}|[А-Я][а-я]{{2,}})"
)
_USES_OURS = re.compile(
    rf"(?<![\w.])(?P<who>{_NAME}(?: {_NAME})*) (?:uses|use|buys|pays|signed|renewed|spends|switched|migrated|moved|ordered"
    rf"|purchased|subscribes|churned|has signed|is using|runs on)\b"
    r"[^.\n]{0,40}?\b(?i:our (?:api|enterprise|service|platform|model|plan|product|premium|cloud)|us a|enterprise (?:plan"
    r"|contract|tier|agreement)|(?:a|an|the) (?:\w+ )?(?:contract|deal|renewal)|to us\b)"
)
_GENERIC = frozenset({
    "It", "This", "That", "These", "Those", "They", "He", "She", "We", "You", "Who", "Each", "Every", "Nobody", "Someone",
    "One", "Such", "Campaign", "Adversary", "Attacker", "Attackers", "Actor", "Actors", "Operator", "Operators", "Pool",
    "Pools", "Group", "Groups", "Network", "Networks", "Cluster", "Tool", "Script", "Client", "Clients", "Traffic", "Account",
    "Accounts", "Reseller", "Resellers", "Proxy", "Proxies", "Everyone", "None", "Most", "Some", "Many", "Support", "Data",
    "Lists", "Names", "Reports", "Requests", "Tickets", "Records", "Facing", "Managed", "Environment", "Identity", "Impact",
    "Harm", "Appeals", "Notice", "Notification", "Review", "Legitimate", "Lawful", "Der", "Die", "Das", "Dieser", "Le", "La",
    "Les", "El", "Los", "Ein", "Eine", "Technique", "Infrastructure", "Indicator", "Member", "Members", "Provider", "Providers",
    "Sharing", "Whoever", "Nothing", "There", "Here", "Token", "Tokens",
})  # fmt: skip
_FIRST = re.compile(r"[A-ZÀ-ÞА-Я][\w’'-]+")
_DENSE = re.compile(
    r"客户(?:名单|包括|为|是|：|:|叫|有|“|「|『)\S|(?:我们|我司|本公司|我方)的?(?:大|重要|主要|最大)?客户|[\u4e00-\u9fff]{2,20}(?:是|为)(?:我们|我司|我方)的?\S{0,4}客户"
    r"|(?:顧客|取引先|得意先|クライアント)(?:名|は|：|:|である|の(?:[ァ-ヶー]{3,}|[A-Z]\w+|[一-龥]{2,}(?:社|銀行|自動車|電機|商事|製作所)))|\S{2,20}は(?:弊社|当社|うち"
    r"|自社)の\S{0,4}(?:顧客|取引先|お客様)"
    r"|고객(?:사)?(?:는|은|:|인)\s?\S{2,}"
)


def names_company(text: str) -> bool:
    """Whether a company is named in the text, told by its form."""
    return _COMPANY.search(text) is not None


def names_customer(text: str) -> bool:
    """Whether somebody is said in the text to be a customer."""
    if not text.isascii() and _DENSE.search(text):
        return True
    return _specific(_BESIDE, text) or _specific(_IS_CUSTOMER, text)


def names_partner(text: str) -> bool:
    """Whether a contract or deal is spoken of with somebody by name."""
    return _specific(_DEAL, text)


def names_user_of_ours(text: str) -> bool:
    """Whether somebody is said by name to buy or use what *we* offer."""
    return _specific(_USES_OURS, text)


def _specific(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the pattern finds something whose names are not all of common words."""
    return any(not _GENERIC.issuperset(_FIRST.findall(found["who"])) for found in pattern.finditer(text))
