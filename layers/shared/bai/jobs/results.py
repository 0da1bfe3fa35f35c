"""A job's result: JSON, small in the row, large in object storage behind a claim check. Knows no HTTP."""

import hashlib
import json
from typing import Any, Final

from sqlalchemy import RowMapping

from bai import aws, meter, settings
from bai.errors import DomainError

MAX_INLINE_BYTES: Final = 64_000  # rows stay small: lists, events and backups carry them
MAX_BYTES: Final = 20_000_000


class ResultTooLarge(DomainError):
    code, status, title = "result_too_large", 500, "The result is too large"


def as_json(value: Any) -> str:
    """Raises TypeError for what JSON can't hold; the job fails by it, as a slip of its programmer."""
    return json.dumps(value, separators=(",", ":"))


def store(job_id: str, attempt: int, value: Any) -> tuple[str | None, str | None]:
    """(result, result_ref) as JSON for the row; one of them is None. Raises ResultTooLarge, Unavailable.

    The object's name carries the attempt: a zombie that writes late harms nothing.
    """
    text = as_json(value)
    if len(text) <= MAX_INLINE_BYTES:
        return text, None
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise ResultTooLarge(f"The job's result has {len(data)} bytes; at most {MAX_BYTES} are kept.")
    key = f"jobs/{job_id}/{attempt}.json"
    aws.put_object(settings.results_bucket(), key, data, "application/json")
    meter.add("s3_puts", 1)
    return None, as_json({"key": key, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})


def load(row: RowMapping) -> Any:
    """A job's whole result, wherever it is. Raises Unavailable."""
    if row["result_ref"] is None:
        return row["result"]
    return json.loads(aws.get_object(settings.results_bucket(), row["result_ref"]["key"]))


def address(reference: dict[str, Any], *, seconds: int = 300) -> str:
    """A presigned URL of a result kept outside its row."""
    return aws.presigned_url(settings.results_bucket(), reference["key"], seconds)
