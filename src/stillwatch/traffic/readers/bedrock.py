"""AWS Bedrock model-invocation logs (``schemaType: ModelInvocationLog``): Messages, Converse and older bodies.

The account is the calling identity (its ARN; of an assumed role the role, not the session), within the organisation of the
AWS account. Bodies that were stored apart (in S3, when over 100 kB) leave a request without text.
"""

from stillwatch.traffic.readers.anthropic import message_fields, usage_fields
from stillwatch.traffic.readers.messages import content_text
from stillwatch.traffic.readers.record import (
    Place,
    Record,
    Row,
    Unreadable,
    derived_id,
    first,
    items,
    mapping,
    real,
    text,
    tidy,
    time_of,
    whole,
)


def rows(record: Record, place: Place) -> list[Row]:
    """The request in one invocation record."""
    model = text(record.get("modelId"))
    if not model:
        raise Unreadable("no modelId, so this is no model invocation")
    asked, answered = mapping(record.get("input")), mapping(record.get("output"))
    body = mapping(asked.get("inputBodyJson"))
    identity = _identity(text(mapping(record.get("identity")).get("arn")))
    operation = str(record.get("operation") or "")
    row = {
        **_body(body),
        "request_id": text(record.get("requestId")) or derived_id(record, place),
        "ts": time_of(record) or place.modified,
        "account_id": identity or text(record.get("accountId")),
        "org_id": text(record.get("accountId")) if identity else None,
        "model": model,
        "access_path": "bedrock",
        **_answer(mapping(answered.get("outputBodyJson"))),
        "stream": operation.endswith("Stream"),
        "status": 200 if not record.get("errorCode") else whole(record.get("errorCode")) or 500,
    }
    row["cached_tokens"] = whole(asked.get("cacheReadInputTokenCount")) or row.get("cached_tokens")
    row["input_tokens"] = whole(asked.get("inputTokenCount")) or row.get("input_tokens")
    row["output_tokens"] = whole(answered.get("outputTokenCount")) or row.get("output_tokens")
    return [tidy(row)]


def _identity(arn: str | None) -> str | None:
    """A session of an assumed role gets a new name each time; the role stays."""
    return "/".join(arn.split("/")[:2]) if arn and ":assumed-role/" in arn else arn


def _body(body: Record) -> Row:
    if "inferenceConfig" in body or any("content" in mapping(m) and "role" in mapping(m) for m in items(body.get("messages"))):
        settings = mapping(body.get("inferenceConfig"))
        fields = message_fields({**mapping(body.get("additionalModelRequestFields")), **body})
        fields |= tidy(
            {
                "temperature": real(settings.get("temperature")),
                "top_p": real(settings.get("topP")),
                "max_output_tokens": whole(settings.get("maxTokens")),
                "tools": len(items(mapping(body.get("toolConfig")).get("tools"))) or None,
            }
        )
        return fields
    if "inputText" in body and len(body) <= 2 and "textGenerationConfig" not in body:
        return {"operation": "embedding", "prompt": text(body["inputText"]), "n_messages": 1}
    prompt = text(first(body, "prompt", "inputText"))
    settings = mapping(body.get("textGenerationConfig")) or body
    return tidy(
        {
            "operation": "completion" if prompt else None,
            "prompt": prompt,
            "n_messages": 1 if prompt else None,
            "temperature": real(settings.get("temperature")),
            "top_p": real(first(settings, "top_p", "topP")),
            "max_output_tokens": whole(first(settings, "max_tokens", "max_gen_len", "maxTokenCount", "max_tokens_to_sample")),
        }
    )


def _answer(body: Record) -> Row:
    usage = mapping(body.get("usage"))
    message = mapping(mapping(body.get("output")).get("message"))
    said = content_text(body.get("content") or message.get("content")) or text(first(body, "completion", "generation"))
    counts = usage_fields(usage) or {
        "input_tokens": whole(usage.get("inputTokens")),
        "output_tokens": whole(usage.get("outputTokens")),
    }
    return tidy({"completion": said, **counts})
