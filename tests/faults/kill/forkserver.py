"""A process that has imported everything and opened nothing; each worker is a fork of it, there in 10-20 ms.

Commands come as JSON lines on stdin, answers go as JSON lines to stdout. `python -m tests.faults.kill.forkserver` with the
functions' environment. A fork opens connections of its own; what it prints goes to a log.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from types import SimpleNamespace
from typing import Any

from bai import aws, settings
from bai.worker import worker_for
from jobs import sweeper
from local.processes import die_with_parent
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
    while time.monotonic() - quiet < _IDLE_SECONDS and time.monotonic() < until:
        if handle(command.get("batch", 10), doing):
            quiet = time.monotonic()
        else:
            time.sleep(0.03)


def sweep(command: dict[str, Any]) -> None:
    Doing().bound()
    sweeper.handler({}, context())


_ACTS = {"die": work_and_die, "drain": drain, "sweep": sweep}


def main() -> None:
    die_with_parent()
    aws.sqs()  # made once: a client opens no connection before its first call
    Doing().bound()
    _say({"ready": os.getpid()})
    for line in sys.stdin:
        command = json.loads(line)
        each = command.get("points") or [""] * int(command.get("workers", 1))
        running = [_fork({**command, "point": point}) for point in each]
        ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in running]
        _say({"ended": ended})


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
