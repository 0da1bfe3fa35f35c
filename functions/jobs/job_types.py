"""The suite's own jobs, by name."""

from datetime import timedelta

from pydantic import BaseModel

from bai.jobs import JobType, Schedule


class ForgetOld(BaseModel):
    """Nothing to say: what is past keeping is known by its age."""


class TidyDeadLetters(BaseModel):
    queue: str


FORGET_OLD = JobType(
    "jobs.forget_old",
    payload=ForgetOld,
    deadline=timedelta(hours=1),
    retention=timedelta(days=7),
    schedule=Schedule("17 * * * *", missed="once"),
    hidden=True,
)
TIDY_DEAD_LETTERS = JobType(
    "jobs.tidy_dead_letters",
    payload=TidyDeadLetters,
    deadline=timedelta(hours=1),
    retention=timedelta(days=7),
    hidden=True,
)
JOB_TYPES = (FORGET_OLD, TIDY_DEAD_LETTERS)
