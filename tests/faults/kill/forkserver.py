"""A process that has imported everything and opened nothing; each worker is a fork of it, there in 10-20 ms.

Commands come as JSON lines on stdin, answers go as JSON lines to stdout. `python -m tests.faults.kill.forkserver` with the
functions' environment. A fork opens connections of its own; what it prints goes to a log.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bai import auth, aws, db, jobs, settings
from bai.errors import Unavailable
from bai.jobs.keys import DuplicateJob
from bai.worker import worker_for
from jobs import sweeper
from local.processes import die_with_parent
from tests.builders import Api, Client
from tests.faults.kill import points
from tests.faults.kill.kinds import Doing

_IDLE_SECONDS = 0.4


def context() -> Any:
    ends = time.monotonic() + 60
    return SimpleNamespace(
        aws_request_id="kill", get_remaining_time_in_millis=lambda: int((ends - time.monotonic()) * 1000)
    )


def receive(batch: int, wait: int = 0) -> list[dict[str, Any]]:
    answer = aws.sqs().receive_message(
        QueueUrl=settings.queue_url("content_planner"),
        MaxNumberOfMessages=batch,
        WaitTimeSeconds=wait,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )
    return [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": dict(message.get("Attributes", {})),
        }
        for message in answer.get("Messages", [])
    ]


def handle(batch: int, doing: Doing, before_delete: Any = None) -> int:
    """One poll as Lambda's event source does it: receive, invoke, delete what did not fail."""
    records = receive(batch)
    if not records:
        return 0
    failed = worker_for(doing.bound())({"Records": records}, context())["batchItemFailures"]
    if before_delete is not None:
        before_delete()
    bad = {failure["itemIdentifier"] for failure in failed}
    for record in records:
        if record["messageId"] not in bad:
            aws.sqs().delete_message(
                QueueUrl=settings.queue_url("content_planner"), ReceiptHandle=record["receiptHandle"]
            )
    return len(records)


def work_and_die(command: dict[str, Any]) -> None:
    """Takes messages until it has come to its point, or until there are none."""
    point = command["point"]
    doing = Doing(points.arm(point, nth=1 if command["batch"] > 1 else points.NTH.get(point, 1)))
    undelivered = points.die if point == "batch response undelivered" else None
    empty = 0
    while empty < 3:
        if handle(command["batch"], doing, undelivered) == 0:
            empty += 1
            time.sleep(0.05)


def drain(command: dict[str, Any]) -> None:
    """A healthy worker: goes on until there has been nothing for a while."""
    doing, quiet = Doing(), time.monotonic()
    until = time.monotonic() + float(command.get("seconds", 60))
    while time.monotonic() - quiet < float(command.get("idle", _IDLE_SECONDS)) and time.monotonic() < until:
        if handle(command.get("batch", 10), doing):
            quiet = time.monotonic()
        else:
            time.sleep(0.03)


def sweep(command: dict[str, Any]) -> None:
    Doing().bound()
    sweeper.handler({}, context())


def freeze(command: dict[str, Any]) -> None:
    """A worker that stands still in the middle of its work and is woken up later."""
    doing = Doing(lambda reached: os.kill(os.getpid(), signal.SIGSTOP) if reached == command["point"] else None)
    until = time.monotonic() + 10
    while not handle(1, doing) and time.monotonic() < until:
        time.sleep(0.02)


def enqueue_and_die(command: dict[str, Any]) -> None:
    """Commits a job and is gone before its message."""

    def gone(queue_url: str, entries: Any) -> list[str]:
        points.die()
        return []

    aws.send_messages = gone
    with db.transaction() as session:
        jobs.enqueue(session, "trial.keyed", {}, user_id=command["user"])


def enqueue_unique(command: dict[str, Any]) -> None:
    """Asks for one unique key many times; writes down which job it got each time."""
    got = []
    for _ in range(int(command["times"])):
        try:
            with db.transaction() as session:
                unique = jobs.Unique(command["key"], on_conflict=command["on_conflict"])
                row = jobs.enqueue(session, "trial.write", {}, user_id=command["user"], unique=unique)
                got.append(str(row["id"]))
        except DuplicateJob:
            got.append("refused")
        except Unavailable:
            got.append("busy")
    Path(command["folder"], f"{command['number']}.json").write_text(json.dumps(got))


def launch(command: dict[str, Any]) -> None:
    """A client that launches campaigns over the real route for a while; writes down every answer."""
    api = Api()
    client = Client(api, command["user"], "", auth.mint(command["user"], "client")[0])
    month = f"{time.gmtime().tm_year + 1}-01"
    body = {"month": month, "tone_of_voice": "warm", "themes": ["bread"], "target_platforms": ["x"]}
    answers, until = [], time.monotonic() + float(command["seconds"])
    while time.monotonic() < until:
        began = time.monotonic()
        answer = client.post("/content-planner/launch-monthly-campaign", body)
        waits = answer.headers.get("retry-after")
        named = answer.body.get("campaign_id") if isinstance(answer.body, dict) else None
        answers.append([answer.status, named, waits, round(time.monotonic() - began, 2)])
        time.sleep(0.1 if answer.status == 202 else 0.3)
    Path(command["folder"], f"{command['number']}.json").write_text(json.dumps(answers))


_ACTS = {
    "die": work_and_die,
    "drain": drain,
    "sweep": sweep,
    "freeze": freeze,
    "enqueue_and_die": enqueue_and_die,
    "enqueue_unique": enqueue_unique,
    "launch": launch,
}


def main() -> None:
    die_with_parent()
    aws.sqs()  # made once: a client opens no connection before its first call
    Doing().bound()
    _say({"ready": os.getpid()})
    for line in sys.stdin:
        command = json.loads(line)
        if command["act"] == "wait":
            _say({"ended": [_reap(pid) for pid in command["pids"]]})
            continue
        each = command.get("points") or [""] * int(command.get("workers", 1))
        pids = [_fork({**command, "point": point, "number": number}) for number, point in enumerate(each)]
        _say({"pids": pids} if command.get("later") else {"ended": [_reap(pid) for pid in pids]})


def _reap(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _fork(command: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        die_with_parent()
        null = os.open(os.environ["KILL_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(null, 1)
        os.dup2(null, 2)
        _ACTS[command["act"]](command)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
