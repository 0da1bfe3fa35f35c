"""Port to a text model: an OpenAI-compatible chat endpoint that answers in JSON by a schema.

Follows the chat completions API with `response_format: json_schema`. Every way it can fail becomes one of two errors:
Unavailable (worth another try) or GenerationFailed (is not). Refuses to know what the text is for.
"""

import json
from dataclasses import dataclass
from typing import Any

from bai import aws, meter, settings
from bai.errors import GenerationFailed, Unavailable

ANSWER_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
_MAX_ANSWER_BYTES = 1_000_000
_MAX_TOKENS = 2_000
_MOST_COUNTED = 10_000_000  # no answer has more; an endpoint that says so does not make the job's cost unstorable
_TRY_LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Completion:
    content: dict[str, Any]
    model: str
    input_tokens: int
    output_tokens: int


def complete_json(system: str, user: str, schema: dict[str, Any], *, name: str) -> Completion:
    """One answer as a JSON object; the caller validates it. Takes at most 30 s.

    Raises Unavailable for time-outs, overload and network errors; GenerationFailed for refusals and rubbish.
    """
    import httpx  # noqa: PLC0415 - only a worker that writes by model pays for it

    conf = settings.text()
    body = {
        "model": conf.openai_model,
        "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        "max_tokens": _MAX_TOKENS,
        "response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": schema}},
    }
    headers = {"Authorization": f"Bearer {aws.secret(conf.openai_secret_arn)}"}
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=_CONNECT_SECONDS)
    try:
        with (
            httpx.Client(timeout=timeout) as client,
            client.stream("POST", f"{conf.openai_base_url}/chat/completions", json=body, headers=headers) as response,
        ):
            return _read(conf.openai_model, response.status_code, _read_bounded(response.iter_bytes()))
    except httpx.HTTPError as error:
        raise Unavailable(f"The text model did not answer ({type(error).__name__}).", retry_after=10) from error


def _read_bounded(chunks: Any) -> bytes:
    import time  # noqa: PLC0415

    ends = time.monotonic() + ANSWER_SECONDS  # httpx bounds each read; a drip of bytes would never end
    data = b""
    for chunk in chunks:
        data += chunk
        if len(data) > _MAX_ANSWER_BYTES:
            raise GenerationFailed("The text model's answer is larger than 1 MB.")
        if time.monotonic() > ends:
            raise Unavailable("The text model took longer than 30 s to answer.", retry_after=10)
    return data


def _read(asked_for: str, status: int, data: bytes) -> Completion:
    if status in _TRY_LATER:
        raise Unavailable(f"The text model is overloaded or away (HTTP {status}).", retry_after=10)
    if status != 200:
        raise GenerationFailed(f"The text model refused the request (HTTP {status}); check its address, model and key.")
    try:
        answer = json.loads(data)
        input_tokens, output_tokens = _count(asked_for, answer.get("usage") or {})
        content = json.loads(answer["choices"][0]["message"]["content"])
        if not isinstance(content, dict):
            raise TypeError
        return Completion(content, str(answer.get("model", "")), input_tokens, output_tokens)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError):
        raise GenerationFailed("The text model's answer is not the JSON object that was asked for.") from None


def _count(model: str, spent: dict[str, Any]) -> tuple[int, int]:
    """Before the content is read: rubbish costs as much. By the name asked for, which is what the price list knows."""
    read, written = int(spent.get("prompt_tokens", 0)), int(spent.get("completion_tokens", 0))
    meter.add(f"model_input_tokens:{model}", min(max(read, 0), _MOST_COUNTED))
    meter.add(f"model_output_tokens:{model}", min(max(written, 0), _MOST_COUNTED))
    return read, written
