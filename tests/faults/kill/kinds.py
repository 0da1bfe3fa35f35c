"""The kinds of jobs that are killed: one for each way in which the engine can run one. Used inside the workers."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text

from bai import clock, db, jobs
from bai.jobs import Child, JobType, Retries, Running, WaitForCallback
from bai.worker import Job
from tests.trial_jobs import declare, trial_type

Trace = Callable[[str], None]
_COUNT = text("""
    INSERT INTO usage_counters (user_id, month, metric, used) VALUES (CAST(:user AS uuid), :month, :metric, 1)
    ON CONFLICT (user_id, month, metric) DO UPDATE SET used = usage_counters.used + 1
""")


class Nothing(BaseModel):
    pass


class Part(BaseModel):
    number: int


def _type(name: str, payload: type[BaseModel] = Nothing) -> JobType:
    return trial_type(name, payload=payload, retries=Retries(60, 60, 0.1, 0.2), deadline=timedelta(hours=2))


WRITE, KEYED, PROBED = _type("write"), _type("keyed"), _type("probed")
PLAIN, WAITING, FAMILY, PART = _type("plain"), _type("waiting"), _type("family"), _type("part", Part)
KINDS = {"write": WRITE, "keyed": KEYED, "probed": PROBED, "plain": PLAIN, "waiting": WAITING, "family": FAMILY}
# These kill whoever runs them, and only a release of their own knows how; few attempts, for they never get beyond them.
DEADLY = trial_type("deadly", payload=Nothing, retries=Retries(3, 3, 0.1, 0.2), deadline=timedelta(hours=2))
DEADLY_WRITE = trial_type("deadly_write", payload=Nothing, retries=Retries(3, 3, 0.1, 0.2), deadline=timedelta(hours=2))
ALL = (*KINDS.values(), PART, DEADLY, DEADLY_WRITE)


def _nowhere(point: str) -> None:
    pass


class Doing:
    """The jobs' functions. `reach` is told each point that only they can see; a worker that is to die does so there."""

    def __init__(self, reach: Trace = _nowhere) -> None:
        self.reach = reach

    def bound(self) -> list[Job]:
        declare(*ALL)
        return [
            Job(WRITE, write=self.write, settle=self.settle),
            Job(KEYED, run=self.keyed, settle=self.settle),
            Job(PROBED, run=self.probed, settle=self.settle),
            Job(PLAIN, run=self.plain, settle=self.settle),
            Job(WAITING, run=self.waiting, settle=self.settle),
            Job(FAMILY, run=self.family, settle=self.settle),
            Job(PART, run=self.part, settle=self.settle),
        ]

    def write(self, session: db.Session, job: Running) -> dict[str, str]:
        session.execute(_COUNT, {"user": job.user_id, "month": "write", "metric": job.id})
        return {"job": job.id}

    def settle(self, session: db.Session, job: jobs.JobRow) -> None:
        session.execute(_COUNT, {"user": str(job["user_id"]), "month": "settle", "metric": str(job["id"])})

    def keyed(self, job: Running) -> Any:
        self._look_around(job)
        return job.effect("act", lambda key: self._post("keyed", key, job.id), mode="keyed", seconds=5, progress=60)

    def probed(self, job: Running) -> Any:
        self._look_around(job)
        send = lambda key: self._post("probed", key, job.id)  # noqa: E731
        return job.effect("act", send, mode="probe", probe=self._probe, seconds=5, progress=60)

    def plain(self, job: Running) -> Any:
        self._look_around(job)
        return job.effect("act", lambda key: self._post("plain", key, job.id), mode="at_most_once", seconds=5)

    def waiting(self, job: Running) -> Any:
        answer = job.result_of("callback")
        if answer is None:
            self._look_around(job)
            job.effect("hand-off", lambda key: self._post("hand-off", key, job.id), mode="keyed", seconds=5)
            raise WaitForCallback(clock.now() + timedelta(hours=1), "Waiting")
        return job.step("use", lambda: answer, apply=self._use(job))

    def family(self, job: Running) -> Any:
        job.step("look", lambda: "seen", seconds=5)
        return job.fan_out("parts", [Child("trial.part", Part(number=number)) for number in range(3)])

    def part(self, job: Running) -> Any:
        return job.effect("act", lambda key: self._post("keyed", key, job.id), mode="keyed", seconds=5)

    def _look_around(self, job: Running) -> None:
        def look() -> str:
            job.heartbeat(progress=10, message="looking", seconds=5)
            return "seen"

        job.step("look", look, seconds=5, progress=20, message="Looking")

    def _use(self, job: Running) -> Callable[[db.Session, Any], None]:
        def use(session: db.Session, made: Any) -> None:
            session.execute(_COUNT, {"user": job.user_id, "month": "write", "metric": job.id})

        return use

    def _post(self, door: str, key: str, job_id: str) -> dict[str, Any]:
        self.reach("before the call")
        connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["OUTSIDE_PORT"]), timeout=4)
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        connection.request("POST", f"/{door}", json.dumps({"job": job_id}), headers)
        self.reach("request sent")
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        self.reach("answer not recorded")
        return {"key": answer["key"]}

    def _probe(self, key: str) -> dict[str, Any] | None:
        connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["OUTSIDE_PORT"]), timeout=4)
        connection.request("GET", f"/probed/{key}")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return {"key": key} if found["done"] else None
