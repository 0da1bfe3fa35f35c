"""The n8n workflow that can make a whole month: hand the brief over, and tell its callback from a forged one.

Both directions carry a shared secret: the plain header X-BAI-Secret, or X-BAI-Signature `t=<unix>,v1=<hex>` with
HMAC-SHA256 of "t.body" and 5 minutes of tolerance. We send both; a callback needs one.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from bai import aws, settings
from bai.errors import GenerationFailed, Unauthenticated, Unavailable
from content_planner.drafts import Brief

TOLERANCE_SECONDS = 300
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 15.0
_TRY_LATER = frozenset({408, 425, 429})


def hand_off(brief: Brief, callback_id: str, key: str) -> dict[str, Any]:
    """Posts the brief to the webhook; n8n answers by its callback later.

    `key` goes as Idempotency-Key: it is the same when the brief is posted again because nobody knows whether it came.
    Raises Unavailable when it is worth another try, GenerationFailed when n8n refuses.
    """
    import httpx  # noqa: PLC0415 - only the worker posts

    conf = settings.text()
    body = json.dumps(_hand_off_body(brief, callback_id, conf.n8n_callback_url), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "X-BAI-Signature": sign(body, int(time.time())),
    }
    timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
    try:
        with (
            httpx.Client(timeout=timeout) as client,
            client.stream("POST", conf.n8n_webhook_url, content=body, headers=headers) as response,
        ):
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unavailable(f"n8n did not take the brief ({type(error).__name__}).", retry_after=10) from error
    if status >= 500 or status in _TRY_LATER:
        raise Unavailable(f"n8n did not take the brief (HTTP {status}).", retry_after=10)
    if not 200 <= status < 300:
        raise GenerationFailed(f"n8n refused the brief (HTTP {status}); check the webhook's address.")
    return {"status": status}


def _hand_off_body(brief: Brief, callback_id: str, callback_url: str) -> dict[str, Any]:
    return {
        "campaign_id": brief.campaign_id,
        "month": brief.month,
        "topic": ", ".join(brief.themes),
        "tone": brief.tone_of_voice,
        "platforms": brief.target_platforms,
        "themes": brief.themes,
        "tone_of_voice": brief.tone_of_voice,
        "language": brief.language,
        "callback_url": callback_url,
        "callback_id": callback_id,
        "campaign_metadata": brief.campaign_metadata,
    }


def sign(body: bytes, at: int) -> str:
    """The signed form's header for `body` at unix time `at`."""
    return f"t={at},v1={_hmac(body, str(at))}"


def require_genuine(headers: Mapping[str, str], body: bytes) -> None:
    """Raises Unauthenticated unless a callback carries the secret or a fresh signature; compares in constant time."""
    secret, signature = headers.get("x-bai-secret"), headers.get("x-bai-signature")
    if secret is not None and hmac.compare_digest(secret.encode(errors="replace"), _secret().encode()):
        return
    if signature is not None and _is_fresh_signature(signature, body):
        return
    raise Unauthenticated("The callback's X-BAI-Secret or X-BAI-Signature is missing, wrong or too old.")


def _is_fresh_signature(signature: str, body: bytes) -> bool:
    parts = dict(part.partition("=")[::2] for part in signature[:400].split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not (at.isascii() and at.isdigit() and len(at) <= 12):
        return False
    genuine = hmac.compare_digest(given.encode(errors="replace"), _hmac(body, at).encode())
    return genuine and abs(time.time() - int(at)) <= TOLERANCE_SECONDS


def _hmac(body: bytes, at: str) -> str:
    return hmac.new(_secret().encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _secret() -> str:
    return aws.secret(settings.text().n8n_secret_arn)
