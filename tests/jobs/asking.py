"""What the tests of the jobs' HTTP surface share: jobs brought to an end, and answers read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from bai import db, jobs
from bai.errors import GenerationFailed
from bai.jobs import Retries, Running
from bai.worker import Job, worker_for
from tests.builders import Answer, Client, lambda_context, sqs_event
from tests.trial_jobs import Payload, trial_type

ONCE = Retries(retryable=1, unknown=1)
TYPE, PART = trial_type(retries=ONCE), trial_type("part", retries=ONCE, queue="content_planner_urgent")
UNKNOWN = "01938f7e-0000-7000-8000-0000000000a1"


def enqueue(client: Client, name: str = "trial.test", **options: Any) -> str:
    with db.transaction() as session:
        return str(jobs.enqueue(session, name, Payload(a=7), user_id=client.id, **options)["id"])


def run(job_id: str, work: Callable[[Running], Any], job_type: jobs.JobType = TYPE) -> None:
    """Twice, since a dead job is settled by a message of its own."""
    handler = worker_for([Job(job_type, run=work)])
    for _ in range(2):
        handler(sqs_event({"job_id": job_id, "type": job_type.name}), lambda_context())


def ended(client: Client, work: Callable[[Running], Any], **options: Any) -> str:
    job_id = enqueue(client, **options)
    run(job_id, work)
    return job_id


def die(job: Running) -> None:
    raise RuntimeError("slip")


def refuse(job: Running) -> None:
    raise GenerationFailed("no")


def change(job_id: str, assignment: str) -> None:
    with db.transaction() as session:
        session.execute(text(f"UPDATE jobs SET {assignment} WHERE id = CAST(:id AS uuid)"), {"id": job_id})


def state(client: Client, job_id: str) -> str:
    return str(client.get(f"/jobs/{job_id}").body["state"])


def found(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.body["items"]]


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["code"]
