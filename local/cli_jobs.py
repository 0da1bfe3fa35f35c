"""`bai jobs`: the signed-in client's background jobs, over the public API."""

from __future__ import annotations

import argparse
from typing import Any

from local.cli_client import Client

STATES = (
    "queued",
    "deferred",
    "running",
    "waiting_callback",
    "retrying",
    "succeeded",
    "failed",
    "cancelled",
    "expired",
    "dead",
)
ROW = "{id:36}  {state:16}  {progress:>4}  {attempts:>8}  {created_at:20}  {type}"


def add_to(commands: Any, shared: argparse.ArgumentParser, signed_in: argparse.ArgumentParser) -> None:
    jobs = commands.add_parser("jobs", help="list, show, cancel or retry background jobs")
    verbs = jobs.add_subparsers(dest="verb", required=True, metavar="VERB")
    parents = [shared, signed_in]
    listing = verbs.add_parser("list", parents=parents, help="newest first")
    listing.add_argument("--state", choices=STATES)
    listing.add_argument("--type", help="for example content_planner.create_campaign")
    listing.add_argument("--limit", type=int, default=20, help="1 to 100 (default %(default)s)")
    listing.set_defaults(act=list_jobs)
    for name, act, text in (
        ("show", show_job, "one job with its steps"),
        ("cancel", change_job, "ask a job to stop"),
        ("retry", change_job, "run a failed or dead job again"),
    ):
        verb = verbs.add_parser(name, parents=parents, help=text)
        verb.add_argument("id")
        verb.set_defaults(act=act)


def list_jobs(options: argparse.Namespace, client: Client) -> int:
    query = {"state": options.state, "type": options.type, "limit": options.limit}
    found = client.call("GET", "/jobs", query=query)
    titles = {"id": "ID", "state": "STATE", "progress": "%", "attempts": "ATTEMPTS", "created_at": "CREATED"}
    print(ROW.format(**titles, type="TYPE"))
    for job in found["items"]:
        print(ROW.format(**{**job, "created_at": job["created_at"][:19]}))
    print(", ".join(f"{number} {state}" for state, number in sorted(found["counts"].items())) or "No jobs.")
    return 0


def show_job(options: argparse.Namespace, client: Client) -> int:
    job = client.call("GET", f"/jobs/{options.id}")
    steps = job.pop("steps", [])
    for name, value in job.items():
        if value not in (None, ""):
            print(f"{name:12} {value}")
    for step in steps:
        when = f"{(step['started_at'] or '')[:19]} → {(step['finished_at'] or '')[:19]}"
        print(f"  step {step['name']:24} {step['state']:10} attempt {step['attempt']}  {when}")
    return 0


def change_job(options: argparse.Namespace, client: Client) -> int:
    job = client.call("POST", f"/jobs/{options.id}/{options.verb}")["job"]
    print(f"{job['id']} is {job['state']}")
    return 0
