"""The local cloud as a whole: it stops everything, keeps data, says what is in its way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local.cloudformation import TemplateError
from local.template import Template
from tests.local.running import REPOSITORY, STACK, Running, start


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False)
    return [int(one) for one in found.stdout.split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: list[int], patience: float) -> bool:
    until = time.monotonic() + patience
    while any(alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    copied = tmp_path / "stack"
    shutil.copytree(STACK, copied)
    return copied


def test_a_second_start_keeps_data_and_queues_and_a_stop_leaves_nothing(tmp_path: Path, stack: Path) -> None:
    first = start(tmp_path / "state", stack, "--ports-from", "22000")
    url = "http://localhost/123456789012/bai-local-DeadQueue"
    first.client("sqs").send_message(QueueUrl=url, MessageBody="kept")
    kept = (first.state / "secrets.json").read_text()
    started = children(first.process.pid)
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(6) == 0
    assert started and gone(started, 1) and not (first.state / "addresses.json").exists()

    second = start(tmp_path / "state", stack, "--ports-from", "22000")
    answer = second.client("sqs").receive_message(QueueUrl=url)
    assert [message["Body"] for message in answer.get("Messages", [])] == ["kept"]
    assert (second.state / "secrets.json").read_text() == kept
    started = children(second.process.pid)
    second.process.send_signal(signal.SIGKILL)
    second.process.wait()
    assert gone(started, 5), "something outlived a killed local cloud"


def test_a_busy_port_is_named_and_the_next_one_taken(tmp_path: Path, stack: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 23001))
        busy.listen()
        running = start(tmp_path / "state", stack, "--ports-from", "23000")
        running.process.send_signal(signal.SIGTERM)
        said, _ = running.process.communicate(timeout=10)
    assert "port 23001 is busy: api takes 23002" in said
    assert running.addresses["api"].endswith(":23002") and running.addresses["realtime"].endswith(":23003/live")


def test_a_second_cloud_on_the_same_state_is_refused(cloud: Running) -> None:
    command = [sys.executable, "-m", "local", "run", "--state-dir", str(cloud.state), "--ports-from", "24000"]
    again = subprocess.run(command, cwd=REPOSITORY, env=os.environ, capture_output=True, text=True, check=False)
    assert again.returncode == 1 and "already running" in again.stderr
    assert (cloud.state / "addresses.json").exists()


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("Timeout: 2\n      Environment", "Timeout: 2\n      Sleeps: 1\n      Environment", "Sleeps"),
        ("VisibilityTimeout: 5\n      Redrive", "VisibilityTimeout: 1\n      Redrive", "visibility timeout"),
        ("Type: AWS::S3::Bucket", "Type: AWS::Kinesis::Stream", "AWS::Kinesis::Stream"),
        ("MaximumConcurrency: 2", "MaximumConcurrency: 1", "MaximumConcurrency"),
        ("!GetAtt Authorizer.Arn", "!GetAtt Nobody.Arn", "Nobody"),
        ("rate(1 minute)", "rate(1 fortnight)", "not understood"),
    ],
)
def test_what_would_be_wrong_in_aws_is_an_error_here(stack: Path, before: str, after: str, complaint: str) -> None:
    path = stack / "template.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    with pytest.raises(TemplateError, match=complaint):
        read_all(Template(path, {}))


def read_all(template: Template) -> None:
    from local.schedules import Cron, every_seconds

    template.http_apis()
    template.websocket_apis()
    template.event_sources()
    for schedule in template.schedules():
        if every_seconds(schedule.expression) is None:
            Cron(schedule.expression)


def test_the_repositorys_own_template_is_understood() -> None:
    template = Template(REPOSITORY / "template.yaml", {"Stage": "local"})
    read_all(template)
    assert json.dumps([queue.properties for queue in template.queues()])
