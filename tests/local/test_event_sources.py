"""SQS event sources behave as AWS's do: partial failures, dead letters, windows, order, speed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from local.event_sources import failures
from local.runtime_api import Outcome
from tests.local.running import Running, said

URL = "http://localhost/123456789012/bai-local-"


def send(cloud: Running, queue: str, **body: Any) -> str:
    more = {"MessageGroupId": body["group"]} if queue.endswith(".fifo") else {}
    sent = cloud.client("sqs").send_message(QueueUrl=URL + queue, MessageBody=json.dumps(body), **more)
    return str(sent["MessageId"])


def left(cloud: Running, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=URL + queue, AttributeNames=names)["Attributes"]
    return sum(int(count) for count in found.values())


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (b"null", set()),
        (b"{}", set()),
        (b'{"batchItemFailures": []}', set()),
        (b'{"batchItemFailures": null}', set()),
        (b'{"batchItemFailures": [{"itemIdentifier": "a"}]}', {"a"}),
        (b'{"batchItemFailures": [{"itemIdentifier": ""}]}', None),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', None),
        (b'{"batchItemFailures": [{"ItemIdentifier": "a"}]}', None),
        (b'{"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "z"}]}', None),
        (b'{"batchItemFailures": "a"}', None),
        (b'"done"', None),
        (b"not json", None),
    ],
)
def test_partial_failures_mean_what_aws_says(answer: bytes, failed: set[str] | None) -> None:
    assert failures(Outcome(answer), {"a", "b"}, True) == failed
    assert failures(Outcome(answer), {"a", "b"}, False) == set()


def test_a_record_has_the_shape_of_sqs_and_a_done_one_is_deleted(cloud: Running, tmp_path: Path) -> None:
    identifier = send(cloud, "WorkQueue", file=str(tmp_path / "told"))
    record = said(tmp_path / "told", 1)[0]["what"]["record"]
    assert record["messageId"] == identifier and record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:bai-local-WorkQueue"
    assert record["attributes"]["ApproximateReceiveCount"] == "1" and record["awsRegion"] == "us-east-1"
    assert {"receiptHandle", "body", "messageAttributes", "md5OfBody"} <= set(record)
    time.sleep(0.3)
    assert left(cloud, "WorkQueue") == 0


def test_the_window_gathers_a_batch(cloud: Running, tmp_path: Path) -> None:
    for number in range(5):
        send(cloud, "WorkQueue", file=str(tmp_path / "told"), n=number)
    assert [body["n"] for body in said(tmp_path / "told", 1)[0]["what"]["bodies"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("act", ["raise", "unknown"])
def test_a_failed_message_comes_again_and_ends_in_the_dead_letters(cloud: Running, tmp_path: Path, act: str) -> None:
    sqs, told = cloud.client("sqs"), tmp_path / "told"
    sqs.set_queue_attributes(QueueUrl=URL + "WorkQueue", Attributes={"VisibilityTimeout": "2"})
    try:
        send(cloud, "WorkQueue", file=str(told), act=act)
        said(told, 2)
        until = time.monotonic() + 6
        while left(cloud, "DeadQueue") == 0:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert len(said(told, 2)) == 2
    finally:
        sqs.purge_queue(QueueUrl=URL + "DeadQueue")
        sqs.set_queue_attributes(QueueUrl=URL + "WorkQueue", Attributes={"VisibilityTimeout": "5"})


def test_only_the_failed_message_of_a_batch_stays(cloud: Running, tmp_path: Path) -> None:
    told = tmp_path / "told"
    for number in range(5):
        send(cloud, "WorkQueue", file=str(told), n=number, act="fail" if number == 2 else None)
    said(told, 1)
    time.sleep(0.3)
    assert left(cloud, "WorkQueue") == 1
    again = said(told, 2)[1]["what"]
    assert [body["n"] for body in again["bodies"]] == [2]
    assert again["record"]["attributes"]["ApproximateReceiveCount"] == "2"
    cloud.client("sqs").purge_queue(QueueUrl=URL + "WorkQueue")


def test_a_fifo_group_keeps_its_order_and_never_overlaps(cloud: Running, tmp_path: Path) -> None:
    told = tmp_path / "told"
    for number in range(6):
        for group in ("a", "b"):
            send(cloud, "OrderedQueue.fifo", file=str(told), group=group, n=number)
    seen = [entry["what"] for entry in said(told, 24)]
    for group in ("a", "b"):
        own = [(one["n"], one["state"]) for one in seen if one["group"] == group]
        assert own == [(number, state) for number in range(6) for state in ("began", "ended")]


def test_a_message_reaches_a_warm_function_within_milliseconds(cloud: Running, tmp_path: Path) -> None:
    sqs, told = cloud.client("sqs"), tmp_path / "told"
    took = []
    for number in range(30):
        body = json.dumps({"file": str(told), "n": number})
        began = time.time()
        sqs.send_message(QueueUrl=URL + "OrderedQueue.fifo", MessageBody=body, MessageGroupId=f"g{number}")
        took.append(said(told, 2 * number + 1)[2 * number]["at"] - began)
        said(told, 2 * number + 2)
    assert sorted(took)[15] < 0.05, took


def test_calls_are_noted_by_function_for_the_least_privilege_test(cloud: Running) -> None:
    import urllib.request

    cloud.client("sqs").get_queue_attributes(QueueUrl=URL + "DeadQueue")
    with urllib.request.urlopen(cloud.addresses["lambda"] + "/_local/calls") as response:
        noted = {(call["function"], call["action"], call["resource"]) for call in json.load(response)}
    assert ("test", "sqs:GetQueueAttributes", "bai-local-DeadQueue") in noted
