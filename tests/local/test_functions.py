"""Environments: reuse, limits, failures, live source changes, a clean environment."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

from tests.local.running import Running, said


def test_a_function_is_found_by_logical_id_name_and_arn(cloud: Running) -> None:
    arn = cloud.invoke("Echo")[1]["arn"]
    assert cloud.invoke("bai-local-Echo")[0] == cloud.invoke(arn)[0] == 200
    assert cloud.invoke("Nobody")[0] == 404


def test_one_environment_serves_one_request_at_a_time_and_is_reused(cloud: Running) -> None:
    with ThreadPoolExecutor(6) as pool:
        runs = [answer for _, answer, _ in pool.map(lambda _: cloud.invoke("Alone"), range(6))]
    assert len({run["pid"] for run in runs}) == 1
    ordered = sorted(runs, key=lambda run: float(run["began"]))
    assert all(first["ended"] <= second["began"] for first, second in pairwise(ordered))


def test_an_import_that_fails_is_reported_as_lambda_reports_it(cloud: Running) -> None:
    status, answer, error = cloud.invoke("Broken")
    assert (status, error) == (200, "Unhandled")
    assert "cannot be imported" in answer["errorMessage"]


def test_an_error_carries_its_type_and_stack(cloud: Running) -> None:
    _, answer, error = cloud.invoke("Echo", {"pathParameters": {"what": "raise"}})
    assert error == "Unhandled" and answer["errorType"] == "ValueError" and answer["stackTrace"]


def test_a_crash_and_a_timeout_have_lambdas_shapes(cloud: Running) -> None:
    _, crash, _ = cloud.invoke("Echo", {"pathParameters": {"what": "crash"}})
    assert crash["errorType"] == "Runtime.ExitError" and "exit status 3" in crash["errorMessage"]
    _, timeout, _ = cloud.invoke("Echo", {"pathParameters": {"what": "hang"}})
    assert timeout["errorType"] == "Sandbox.Timedout" and "timed out after 2.00 seconds" in timeout["errorMessage"]


def test_a_changed_source_file_is_live_in_the_next_call(cloud: Running) -> None:
    assert cloud.invoke("Edited")[1] == "first"
    source = cloud.stack / "edited" / "edited.py"
    source.write_text("def handler(event, context):\n    return 'second, and longer'\n")
    time.sleep(0.6)
    assert cloud.invoke("Edited")[1] == "second, and longer"


def test_the_environment_is_the_templates_and_lambdas_only(cloud: Running) -> None:
    found = cloud.invoke("Echo", {"pathParameters": {"what": "environment"}})[1]
    assert found["OWN"] == "1" and found["SHARED_BY"] == "globals"
    assert found["AWS_LAMBDA_FUNCTION_NAME"] == "bai-local-Echo" and found["AWS_ACCESS_KEY_ID"] == "Echo"
    assert found["WORK_QUEUE_URL"].endswith("/bai-local-WorkQueue")
    assert not [name for name in found if name in ("AWS_CA_BUNDLE", "HOME", "HTTPS_PROXY") or name.startswith("BAI_")]


def test_an_event_invocation_is_tried_three_times(cloud: Running, tmp_path: Path) -> None:
    told = tmp_path / "told"
    assert cloud.invoke("Unsteady", {"file": str(told)}, kind="Event")[0] == 202
    said(told, 3)
    time.sleep(0.6)
    assert len(said(told, 3)) == 3


def test_a_payload_above_six_megabytes_is_refused(cloud: Running) -> None:
    assert cloud.invoke("Echo", {"x": "y" * 6_300_000})[0] == 413


def test_the_log_has_the_platforms_lines(cloud: Running) -> None:
    cloud.invoke("Echo")
    log = cloud.log("Echo")
    assert "START RequestId: " in log and "END RequestId: " in log and "\tBilled Duration: " in log


def test_a_secret_is_generated_once_and_kept_privately(cloud: Running) -> None:
    arn = cloud.invoke("Echo", {"pathParameters": {"what": "environment"}})[1]["SECRET_ARN"]
    value = cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    kept = cloud.state / "secrets.json"
    assert json.loads(kept.read_text())["Secret"] == value and len(value) == 40
    assert kept.stat().st_mode & 0o077 == 0
