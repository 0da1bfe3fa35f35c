"""A process that has imported everything and holds no connection; each worker is a fork of it, there in 10-20 ms.

Commands come as JSON lines on stdin, answers go as JSON lines to stdout. `python -m tests.faults.kill.forkserver` with the
functions' environment. A fork opens connections of its own; what it prints goes to a log, what its act returns into the
folder `answers` that the command names.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import text

from bai import aws, db, jobs, settings
from bai.ids import new_id
from jobs import sweeper
from local.processes import die_with_parent
from tests.faults.crowd import acts
from tests.faults.kill import hands
from tests.faults.kill.kinds import KINDS, Doing

_answers: TextIO = sys.stdout
_ACTS = {**hands.ACTS, **acts.ACTS}


def main() -> None:
    global _answers  # noqa: PLW0603 - what is printed must not come among the answers
    die_with_parent()
    _answers = os.fdopen(os.dup(1), "w", buffering=1)
    log = os.open(os.environ["KILL_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    aws.sqs()
    Doing().bound()
    _say({"ready": os.getpid()})
    for line in sys.stdin:
        command = json.loads(line)
        if command["act"] == "wait":
            _say({"ended": [_reap(pid) for pid in command["pids"]]})
            continue
        if command["act"] == "warm up":
            _warm_up()
            _say({"ended": []})
            continue
        each = command.get("points") or [command.get("point", "")] * int(command.get("workers", 1))
        pids = [_fork({**command, "point": point, "number": number}) for number, point in enumerate(each)]
        _say({"pids": pids} if command.get("later") else {"ended": [_reap(pid) for pid in pids]})


def _warm_up() -> None:
    """Does a few jobs itself, so that clients, models and compiled statements are there before the forks."""
    user = new_id()
    insert = "INSERT INTO users (id, email, password_hash, full_name) VALUES (CAST(:id AS uuid), 'warm@example.com', '', 'W')"
    with db.transaction() as session:
        session.execute(text(insert), {"id": user})
        for kind in ("write", "write", "keyed", "probed", "plain", "family"):
            jobs.enqueue(session, KINDS[kind].name, {}, user_id=user)
    hands.drain({})
    sweeper.handler({}, hands.context())
    db.engine().dispose()
    aws.sqs().close()
    gc.collect()
    gc.freeze()


def _reap(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _say(what: dict[str, Any]) -> None:
    _answers.write(json.dumps(what) + "\n")


def _fork(command: dict[str, Any]) -> int:
    # Else each fork asks for them again after five minutes, with a client of its own that takes a tenth of a second;
    # and of several that ask at once MiniStack now and then tells one that its JSON is invalid.
    aws.remember_secret(settings.database().secret_arn, os.environ["DATABASE_PASSWORD"])
    aws.remember_secret(settings.tokens().secret_arn, os.environ["TOKEN_SECRET"])
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        die_with_parent()
        answer = _ACTS[command["act"]](command)
        if "answers" in command:
            Path(command["answers"], f"{command['number']}.json").write_text(json.dumps(answer))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
