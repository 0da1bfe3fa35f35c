"""`bai jobs redrive|effects|reconcile|dead-letters`: what went wrong, what had its effect, and trying it again."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import quote

from local.cli_client import Client, Unanswered
from local.cli_output import document, job_id, moment, one_line, print_json, print_table, second
from local.cli_verbs import Verbs


def add_to(verbs: Verbs) -> None:
    redrive = verbs.add(
        "redrive",
        redrive_jobs,
        "what running ended jobs again would mean; with --yes, it is done",
        everybody=True,
        json=True,
    )
    redrive.add_argument(
        "id", nargs="*", type=job_id, help="these jobs; without ids, all in the states that meet the conditions"
    )
    redrive.add_argument("--type", help="for example content_planner.create_campaign")
    redrive.add_argument("--queue", help="for example content_planner")
    redrive.add_argument("--error-code", metavar="CODE", help="for example internal_error")
    redrive.add_argument("--before", type=moment, metavar="WHEN", help="ended before: an age such as 2h, or a time")
    redrive.add_argument(
        "--state",
        action="append",
        dest="states",
        choices=("dead", "failed", "expired", "cancelled"),
        help="may be repeated (default: dead)",
    )
    redrive.add_argument("--limit", type=int, default=500, help="1 to 500 (default %(default)s)")
    redrive.add_argument("--yes", action="store_true", help="run them again; without it nothing is changed")

    effects = verbs.add(
        "effects", list_effects, "outside effects nobody knows to have happened", everybody=True, json=True
    )
    effects.add_argument("--state", choices=("unknown", "sent", "planned", "confirmed"), default="unknown")
    effects.add_argument("--limit", type=int, default=50, help="of so many jobs, 1 to 100 (default %(default)s)")

    reconcile = verbs.add("reconcile", reconcile_effect, "say whether an effect in doubt happened; its job goes on")
    reconcile.add_argument("id", type=job_id, help="the job's")
    reconcile.add_argument("effect", help="its name, as `bai jobs effects` shows it")
    said = reconcile.add_mutually_exclusive_group(required=True)
    said.add_argument("--happened", action="store_true", help="it did; the job goes on after it")
    said.add_argument("--did-not-happen", action="store_true", help="it did not; the job does it now")
    reconcile.add_argument(
        "--result", type=document, metavar="JSON", help="what the other side gave, if the job needs it"
    )

    letters = verbs.add("dead-letters", look_at_letters, "messages no worker could take", admin=True, json=True)
    letters.add_argument("queue", nargs="?", help="one queue's; without it all")
    letters.add_argument(
        "--redrive", action="store_true", help="what sending them back would mean; with --yes, it is done"
    )
    letters.add_argument(
        "--message", action="append", dest="messages", metavar="ID", help="only this one; may be repeated"
    )
    letters.add_argument("--yes", action="store_true", help="send them back; without it nothing is changed")


def redrive_jobs(options: argparse.Namespace, client: Client) -> int:
    """Exit 1 when some could not be run again."""
    wanted = {
        "ids": options.id or None,
        "type": options.type,
        "queue": options.queue,
        "error_code": options.error_code,
        "before": options.before,
        "states": options.states,
        "scope": "all" if options.everybody else None,
        "limit": options.limit,
    }
    body = {name: value for name, value in wanted.items() if value is not None}
    answer = client.call("POST", "/jobs/redrive", body={**body, "dry_run": not options.yes})
    refused = answer["refused"] + len(answer["missing"])
    if options.json:
        print_json(answer)
        return 1 if refused else 0
    rows = [
        [item["id"], item["state"], item["type"], _verdict(item), one_line(item["detail"])] for item in answer["items"]
    ]
    print_table(["ID", "STATE", "TYPE", "VERDICT", "DETAIL"], rows)
    for missing in answer["missing"]:
        print(f"{missing}  is no job of yours")
    _print_sum(answer, len(answer["items"]), refused)
    return 1 if refused else 0


def _verdict(item: dict[str, Any]) -> str:
    return f"{item['verdict']} ({item['reason']})" if item["reason"] else str(item["verdict"])


def _print_sum(answer: dict[str, Any], number: int, refused: int) -> None:
    done = f"{answer['redriven']} run again" if not answer["dry_run"] else "nothing was changed; --yes runs them again"
    more = "; there are more" if answer["more"] else ""
    print(f"{number} jobs, {refused} refused, {done}{more}.")


def list_effects(options: argparse.Namespace, client: Client) -> int:
    query = {"state": options.state, "limit": options.limit, "scope": "all" if options.everybody else None}
    found = client.call("GET", "/jobs/effects", query=query)
    if options.json:
        print_json(found)
        return 0
    names = ("job_id", "name", "state", "mode", "job_state", "job_type")
    rows = [[*(item[name] for name in names), second(item["sent_at"])] for item in found["items"]]
    print_table(["JOB", "EFFECT", "STATE", "MODE", "JOB IS", "TYPE", "SENT"], rows)
    if found["next_cursor"]:
        print("There are more.")
    return 0


def reconcile_effect(options: argparse.Namespace, client: Client) -> int:
    body: dict[str, Any] = {"happened": options.happened, "result": options.result}
    job = client.call("POST", f"/jobs/{options.id}/effects/{quote(options.effect, safe='')}/reconcile", body=body)[
        "job"
    ]
    print(f"{job['id']} is {job['state']}")
    return 0


def look_at_letters(options: argparse.Namespace, client: Client) -> int:
    if (options.yes or options.messages) and not options.redrive:
        raise Unanswered("--yes and --message are for --redrive.")
    if options.redrive and not options.queue:
        raise Unanswered("Name the queue whose dead letters go back.")
    if options.redrive:
        body = {"queue": options.queue, "dry_run": not options.yes}
        if options.messages:
            body["message_ids"] = options.messages
        answer = client.call("POST", "/jobs/dead-letters/redrive", body=body)
    else:
        answer = client.call("GET", "/jobs/dead-letters", query={"queue": options.queue})
    if options.json:
        print_json(answer)
        return 0
    names = ("message_id", "queue", "kind", "job_id", "job_state", "receives")
    rows = [[*(letter[name] for name in names), _words(letter)] for letter in answer["items"]]
    print_table(["MESSAGE", "QUEUE", "KIND", "JOB", "JOB IS", "RECEIVES", "DETAIL"], rows)
    if options.redrive:
        done = "nothing was changed; --yes sends them back" if answer["dry_run"] else f"{answer['redriven']} sent back"
        print(f"{len(rows)} messages, {done}.")
    if answer["more"]:
        print("There are more.")
    return 0


def _words(letter: dict[str, Any]) -> str:
    return str(letter.get("detail") or one_line(letter["body"], 60))
