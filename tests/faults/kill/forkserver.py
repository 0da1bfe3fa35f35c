"""A process that has imported everything and opened nothing; each worker is a fork of it, there in 10-20 ms.

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
from typing import Any

from bai import aws
from local.processes import die_with_parent
from tests.faults.crowd import acts
from tests.faults.kill import hands
from tests.faults.kill.kinds import Doing

_ACTS = {**hands.ACTS, **acts.ACTS}


def main() -> None:
    die_with_parent()
    aws.sqs()  # made once: a client opens no connection before its first call
    Doing().bound()
    gc.freeze()
    _say({"ready": os.getpid()})
    for line in sys.stdin:
        command = json.loads(line)
        if command["act"] == "wait":
            _say({"ended": [_reap(pid) for pid in command["pids"]]})
            continue
        each = command.get("points") or [command.get("point", "")] * int(command.get("workers", 1))
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
        answer = _ACTS[command["act"]](command)
        if "answers" in command:
            Path(command["answers"], f"{command['number']}.json").write_text(json.dumps(answer))
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
