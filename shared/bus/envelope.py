"""The envelope on the bus: CloudEvents 1.0 in binary mode for Kafka, every header text.

A plain reader of our topics would lose whole batches over one header that is not UTF-8.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

SPECIFICATION = "1.0"
CONTENT_TYPE = "application/json"
VERSION_DIGITS_MAX = 9
REQUIRED = (
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_subject",
    "ce_workspaceid",
    "ce_causeid",
    "ce_version",
    "content-type",
)
NAMES = frozenset((*REQUIRED, "ce_campaignid"))


def headers_of(  # noqa: PLR0913  an envelope has so many parts
    *,
    topic: str,
    id: UUID,  # noqa: A002  CloudEvents' name
    source: str,
    time: datetime,
    subject: UUID,
    workspace_id: UUID,
    campaign_id: UUID | None,
    cause_id: UUID,
    version: int,
) -> dict[str, str]:
    """The headers of one event; `time` is in UTC."""
    headers = {
        "ce_specversion": SPECIFICATION,
        "ce_id": str(id),
        "ce_source": source,
        "ce_type": topic,
        "ce_time": time.isoformat(),
        "ce_subject": str(subject),
        "ce_workspaceid": str(workspace_id),
        "ce_causeid": str(cause_id),
        "ce_version": str(version),
        "content-type": CONTENT_TYPE,
    }
    if campaign_id is not None:
        headers["ce_campaignid"] = str(campaign_id)
    return headers


def envelope_of(headers: Mapping[str, str], topic: str) -> dict[str, str | None]:
    """What stands on the event, by its names there, still as text.

    Raises ValueError with a sentence when a header is missing or cannot be ours. A version higher
    than ours is welcome, since later versions mostly only add fields.
    """
    if missing := [name for name in REQUIRED if not headers.get(name)]:
        sentence = f"headers are missing: {', '.join(missing)}"
        raise ValueError(sentence)
    if headers["ce_specversion"] != SPECIFICATION:
        raise ValueError("ce_specversion is not 1.0")
    if headers["ce_type"] != topic:
        raise ValueError("ce_type is not the topic")
    if not headers["content-type"].startswith(CONTENT_TYPE):
        raise ValueError("content-type is not application/json")
    version_of(headers)
    return {
        "id": headers["ce_id"],
        "cause_id": headers["ce_causeid"],
        "subject": headers["ce_subject"],
        "workspace_id": headers["ce_workspaceid"],
        "campaign_id": headers.get("ce_campaignid"),
        "time": headers["ce_time"],
    }


def version_of(headers: Mapping[str, str]) -> int:
    """Of the schema that the event was written with. Raises ValueError when it is no number."""
    text = headers["ce_version"]
    if not (text.isdecimal() and len(text) <= VERSION_DIGITS_MAX):
        raise ValueError("ce_version is no number")
    return int(text)
