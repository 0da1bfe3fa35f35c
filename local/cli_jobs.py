"""`bai jobs`: background jobs over the public API, one at a time; cli_queues and cli_redrive have the other verbs."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from local import cli_queues, cli_redrive
from local.cli_client import Client, Unanswered
from local.cli_output import document, job_id, moment, one_line, print_json, print_table, second
from local.cli_verbs import Verbs

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
_PAGE = 100
_FACTS = (
    "id",
    "type",
    "queue",
    "state",
    "progress",
    "message",
    "error",
    "result",
    "payload",
    "owner",
    "subject",
    "parent_id",
    "replay_of",
    "correlation_id",
    "created_at",
    "started_at",
    "finished_at",
    "next_attempt_at",
    "deadline_at",
    "wait_ms",
    "run_ms",
)


def add_to(commands: Any, shared: argparse.ArgumentParser, signed_in: argparse.ArgumentParser) -> None:
    jobs = commands.add_parser(
        "jobs",
        help="background jobs: look, cancel, retry, redrive, pause, check",
        epilog="What only an admin may is asked as the demo admin, unless --user or BAI_USER names another.",
    )
    verbs = Verbs(jobs.add_subparsers(dest="verb", required=True, metavar="VERB"), [shared, signed_in])
    listing = verbs.add("list", list_jobs, "newest first; parts of a job only with --parent", everybody=True, json=True)
    listing.add_argument("--state", choices=STATES)
    listing.add_argument("--type", help="for example content_planner.create_campaign")
    listing.add_argument("--queue", help="for example content_planner")
    listing.add_argument("--subject", metavar="ID", help="of this campaign, for example")
    listing.add_argument("--parent", metavar="ID", help="the parts of this job")
    listing.add_argument("--search", metavar="TEXT", help="start of an id or subject, part of a type or message")
    listing.add_argument("--since", type=moment, metavar="WHEN", help="an age such as 2h, or an ISO 8601 time")
    listing.add_argument("--limit", type=int, default=20, help="how many at the most (default %(default)s)")

    show = verbs.add("show", show_job, "one job: attempts, steps, effects, parts, cost", json=True)
    show.add_argument("id", type=job_id)
    for name, text in (("cancel", "ask jobs to stop"), ("retry", "run ended jobs again, without their finished steps")):
        changing = verbs.add(name, change_jobs, text)
        changing.add_argument("id", nargs="+", type=job_id)
    replay = verbs.add("replay", replay_job, "a new job like an ended one, with another payload if given", admin=True)
    replay.add_argument("id", type=job_id)
    replay.add_argument("--payload", type=document, metavar="JSON", help="JSON, @file, or - for stdin")
    cli_redrive.add_to(verbs)
    cli_queues.add_to(verbs)


def list_jobs(options: argparse.Namespace, client: Client) -> int:
    query = {
        "state": options.state,
        "type": options.type,
        "queue": options.queue,
        "subject_id": options.subject,
        "parent_id": options.parent,
        "q": options.search,
        "since": options.since,
        "scope": "all" if options.everybody else None,
    }
    items: list[dict[str, Any]] = []
    cursor, counts = None, {}
    while (missing := options.limit - len(items)) > 0:
        page = client.call("GET", "/jobs", query={**query, "limit": min(missing, _PAGE), "cursor": cursor})
        items += page["items"]
        cursor, counts = page["next_cursor"], page["counts"]
        if cursor is None:
            break
    if options.json:
        print_json({"items": items, "counts": counts})
        return 0
    titles = ["ID", "STATE", "%", "ATTEMPTS", "CREATED", "TYPE", *(["OWNER"] if options.everybody else [])]
    print_table(titles, [_row(job, everybody=options.everybody) for job in items])
    print(", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "No jobs.")
    return 0


def _row(job: dict[str, Any], *, everybody: bool) -> list[Any]:
    row = [job[name] for name in ("id", "state", "progress", "attempts")]
    owner = [job["owner"]["email"] if job["owner"] else "-"] if everybody else []
    return [*row, second(job["created_at"]), job["type"], *owner]


def show_job(options: argparse.Namespace, client: Client) -> int:
    job = client.call("GET", f"/jobs/{options.id}")
    if options.json:
        print_json(job)
        return 0
    for name in _FACTS:
        if job[name] not in (None, ""):
            print(f"{name:16} {one_line(str(job[name]), 300)}")
    print(f"{'attempts':16} {job['attempts']} of {job['max_attempts']}")
    _print_cost(job["cost"])
    _section("attempts", job["history"], ["attempt", "outcome", "started_at", "wait_ms", "run_ms", "code", "detail"])
    _section("steps", job["steps"], ["name", "state", "attempt", "started_at", "finished_at"])
    _section("effects", job["effects"], ["name", "state", "mode", "attempt", "sent_at", "settled_at", "key"])
    _section("parts", job["children"], ["id", "state", "progress", "attempts", "type", "message"])
    return 0


def _print_cost(cost: dict[str, Any]) -> None:
    if cost["usd"] is None and not cost["with_children_usd"]:
        return
    whole = cost["with_children_usd"]
    print(f"{'cost':16} ${cost['usd'] or 0:.8f}, with its parts ${whole or 0:.8f} (prices of {cost['prices_as_of']})")
    lines = [[line["unit"], f"{line['quantity']:.6g}", _dollars(line["usd"])] for line in cost["lines"]]
    print_table(["UNIT", "QUANTITY", "USD"], lines, indent="  ")


def _dollars(usd: float | None) -> str:
    return "no price" if usd is None else f"{usd:.8f}"


def _section(title: str, rows: list[dict[str, Any]], names: list[str]) -> None:
    if not rows:
        return
    print(f"\n{title}")
    shown = [[second(row[name]) if name.endswith("_at") else row[name] for name in names] for row in rows]
    print_table([name.removesuffix("_at").upper() for name in names], shown, indent="  ")


def change_jobs(options: argparse.Namespace, client: Client) -> int:
    """Goes on with the next when one is refused; exit 1 if any was."""
    failed = 0
    for chosen in options.id:
        try:
            job = client.call("POST", f"/jobs/{chosen}/{options.verb}")["job"]
            stopping = " and stops at its next step" if job["cancel_requested"] and job["state"] == "running" else ""
            print(f"{job['id']} is {job['state']}{stopping}")
        except Unanswered as problem:
            print(problem, file=sys.stderr)
            failed = 1
    return failed


def replay_job(options: argparse.Namespace, client: Client) -> int:
    body = {} if options.payload is None else {"payload": options.payload}
    job = client.call("POST", f"/jobs/{options.id}/replay", body=body)["job"]
    print(f"{job['id']} is {job['state']}, a replay of {job['replay_of']}")
    return 0
