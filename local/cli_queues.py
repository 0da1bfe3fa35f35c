"""`bai jobs queues|pause|resume|drain|check`: the queues that jobs wait in, and whether all is well."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any
from urllib.parse import quote

from local.cli_client import Client, Unanswered
from local.cli_output import print_json, print_table
from local.cli_verbs import Verbs

_LOOK_EVERY = 1.0
_DEPTHS = ("queued", "deferred", "running", "waiting_callback", "retrying")


def add_to(verbs: Verbs) -> None:
    verbs.add(
        "queues", list_queues, "how deep each queue is and how long its oldest job waits", everybody=True, json=True
    )
    pause = verbs.add(
        "pause", pause_queue, "give nothing out of a queue; what runs goes on, what comes is kept", admin=True
    )
    resume = verbs.add("resume", resume_queue, "give out of a queue again", admin=True)
    drain = verbs.add("drain", drain_queue, "pause a queue and wait until nothing of it runs", admin=True)
    for verb in (pause, resume, drain):
        verb.add_argument("queue", help="its name, as `bai jobs queues` shows it")
    pause.add_argument("--reason", required=True, help="shown to whoever wonders")
    drain.add_argument("--reason", default="Draining", help="shown to whoever wonders (default: %(default)s)")
    drain.add_argument("--timeout", type=float, default=300.0, metavar="SECONDS", help="default: %(default).0f")
    verbs.add(
        "check", check_health, "whether all is well with the jobs: exit 0 when it is, else 1", admin=True, json=True
    )


def list_queues(options: argparse.Namespace, client: Client) -> int:
    found = client.call("GET", "/jobs/queues", query={"scope": "all" if options.everybody else None})
    if options.json:
        print_json(found)
        return 0
    rows = []
    for queue in found["items"]:
        counts = [queue["counts"].get(state, 0) for state in _DEPTHS]
        oldest = "" if queue["oldest_seconds"] is None else f"{queue['oldest_seconds']} s"
        held = f"paused: {queue['paused_reason']}" if queue["paused"] else ""
        rows.append([queue["name"], *counts, queue["parked"], queue["dead"], oldest, held])
    print_table(["QUEUE", *(state.upper() for state in _DEPTHS), "PARKED", "DEAD", "OLDEST", ""], rows)
    return 0


def pause_queue(options: argparse.Namespace, client: Client) -> int:
    queue = client.call("POST", f"/jobs/queues/{quote(options.queue, safe='')}/pause", body={"reason": options.reason})
    print(f"{queue['name']} is paused: {queue['paused_reason']}. {_running(queue)} still running.")
    return 0


def resume_queue(options: argparse.Namespace, client: Client) -> int:
    queue = client.call("POST", f"/jobs/queues/{quote(options.queue, safe='')}/resume")
    print(f"{queue['name']} gives out again; what waited starts within a minute.")
    return 0


def drain_queue(options: argparse.Namespace, client: Client) -> int:
    """Leaves the queue paused, whether it got empty-handed in time or not: whoever drains it resumes it."""
    ends = time.monotonic() + options.timeout
    queue = client.call("POST", f"/jobs/queues/{quote(options.queue, safe='')}/pause", body={"reason": options.reason})
    before = None
    while running := _running(queue):
        if running != before:
            print(f"{queue['name']} is paused, {running} still running", flush=True)
            before = running
        left = ends - time.monotonic()
        if left <= 0:
            print(
                f"After {options.timeout:.0f} s {running} of {queue['name']} still run. The queue stays paused; "
                f"`bai jobs resume {queue['name']}` opens it.",
                file=sys.stderr,
            )
            return 1
        time.sleep(min(_LOOK_EVERY, left))
        queue = _read(client, options.queue)
    if not queue["paused"]:
        raise Unanswered(f"Somebody has resumed {queue['name']} meanwhile.")
    waiting = sum(queue["counts"].values())
    print(f"{queue['name']} is drained: nothing runs, {waiting} wait. `bai jobs resume {queue['name']}` opens it.")
    return 0


def _read(client: Client, name: str) -> dict[str, Any]:
    found = client.call("GET", "/jobs/queues", query={"scope": "all"})
    return next(dict(queue) for queue in found["items"] if queue["name"] == name)


def _running(queue: dict[str, Any]) -> int:
    return int(queue["counts"].get("running", 0))


def check_health(options: argparse.Namespace, client: Client) -> int:
    report = client.call("GET", "/jobs/health")
    if options.json:
        print_json(report)
    else:
        rows = [[check["name"], "ok" if check["ok"] else "NOT OK", check["detail"]] for check in report["checks"]]
        print_table(["CHECK", "STATUS", "DETAIL"], rows)
        print(f"{report['status']}, looked at {report['checked_at']}")
    return 0 if report["status"] == "ok" else 1
