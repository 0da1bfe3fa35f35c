"""The planner's jobs with their functions."""

from bai.worker import Job, worker_for
from content_planner import job_types
from content_planner.service import campaigns, generation, pieces

JOBS = (
    Job(
        job_types.CREATE_CAMPAIGN,
        run=generation.create_campaign,
        settle=generation.settle_creation,
        on_wait=generation.begin_waiting,
    ),
    Job(job_types.WRITE_PIECE, run=generation.write_piece),
    Job(job_types.REGENERATE_PIECE, run=generation.regenerate_piece, settle=pieces.end_regeneration),
    Job(job_types.CLOSE_CAMPAIGN, write=campaigns.close_campaign),
)

handler = worker_for(JOBS)
