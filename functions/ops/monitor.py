"""Measures each dependency once a minute; a change of status is pushed to open screens as system.status."""

import time
from collections.abc import Callable
from typing import Any

from bai import aws, clock, settings, telemetry
from bai.db import transaction
from bai.errors import DomainError
from ops import service

_SLOW_MS = 500.0
_PROBE_SECONDS = 5.0

Probe = Callable[[], str]


class _Degraded(Exception):
    pass


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The report, as GET /health/deps shows it."""
    probes: dict[str, Probe | None] = {"database": _database, "queues": _queues, **_engines()}
    calls = {"queues": 2 * len(settings.job_queues())}
    deps = [_measure(name, probe, calls.get(name, 1)) for name, probe in probes.items()]
    worst = {dep["status"] for dep in deps}
    status = "down" if "down" in worst else "degraded" if "degraded" in worst else "ok"
    report = {"status": status, "checked_at": clock.to_wire(clock.now()), "deps": deps}
    for dep in deps:
        telemetry.count("DependencyDown", float(dep["status"] == "down"), dependency=dep["name"])
    with transaction() as session:
        service.keep_report(session, report)
    return report


def _measure(name: str, probe: Probe | None, calls: int) -> dict[str, Any]:
    """The latency is that of one of the probe's calls."""
    if probe is None:
        return {"name": name, "status": "off", "latency_ms": None, "detail": "Not used by the configured engine."}
    started = time.perf_counter()
    try:
        detail, status = probe(), "ok"
    except _Degraded as finding:
        detail, status = str(finding), "degraded"
    except DomainError as error:
        detail, status = error.detail, "down"
    except Exception as error:
        telemetry.logger().exception("dependency is down", dependency=name)
        detail, status = f"No answer ({type(error).__name__}).", "down"
    latency = round((time.perf_counter() - started) * 1000 / calls, 1)
    if status == "ok" and latency > _SLOW_MS:
        status, detail = "degraded", f"Slow: {latency:.0f} ms."
    return {"name": name, "status": status, "latency_ms": latency, "detail": detail}


def _database() -> str:
    with transaction() as session:
        service.require_database(session)
    return "Answers."


def _queues() -> str:
    def depth(url: str) -> int:
        answer = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    waiting = sum(depth(settings.queue_url(queue)) for queue in settings.job_queues())
    dead = sum(depth(settings.dead_letter_url(queue)) for queue in settings.job_queues())
    if dead:
        raise _Degraded(f"{dead} in the dead-letter queue, {waiting} waiting.")
    return f"{waiting} waiting."


def _engines() -> dict[str, Probe | None]:
    conf = settings.text()
    probes: dict[str, Probe | None] = {"text_engine": lambda: "The embedded template engine.", "n8n": None}
    if conf.engine == "openai":
        probes["text_engine"] = lambda: _reach(f"{conf.openai_base_url}/models")
    if conf.engine == "n8n":
        probes["n8n"] = lambda: _reach(conf.n8n_webhook_url)
    return probes


def _reach(url: str) -> str:
    """Any answer below 500 proves that somebody is there; the probe has no right to ask for more."""
    import httpx  # noqa: PLC0415

    status = httpx.get(url, timeout=_PROBE_SECONDS).status_code
    if status >= 500:
        raise _Degraded(f"Answers with HTTP {status}.")
    return "Answers."
