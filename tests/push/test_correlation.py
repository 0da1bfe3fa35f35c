"""One correlation id travels HTTP -> job -> socket: a request's id is found in every log line it caused."""

from __future__ import annotations

from tests.builders import Api, Worker
from tests.content_planner.test_launch import brief


def test_a_requests_id_reaches_its_job_and_each_push_message(api: Api, worker: Worker) -> None:
    client = api.client("CEREBRO")
    client.post("/content-planner/launch-monthly-campaign", brief(), x_request_id="trace-me-1")
    worker.run()
    pushed = worker.take("PushQueue")
    assert len(pushed) > 5
    assert {message["correlation_id"] for message in pushed} == {"trace-me-1"}
    assert {message["correlation_id"] for message in worker.handled} == {"trace-me-1"}
