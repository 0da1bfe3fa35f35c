"""The suite's own jobs with their functions."""

from bai.worker import Job, worker_for
from jobs import dead_letters, job_types, upkeep

JOBS = (
    Job(job_types.FORGET_OLD, run=upkeep.forget_old),
    Job(job_types.TIDY_DEAD_LETTERS, run=dead_letters.tidy_dead_letters),
)

handler = worker_for(JOBS)
