"""The environment variables of a function's process."""

from __future__ import annotations

import os
from pathlib import Path

from local.shapes import REGION, Function


def variables_for(function: Function, endpoint: str, log: Path) -> dict[str, str]:
    """All of a function's environment: the template's and what Lambda sets, nothing of ours leaks in."""
    inherited = {
        key: os.environ[key] for key in ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT") if key in os.environ
    }
    return {
        **inherited,
        **function.environment,
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(str(path) for path in (function.code, *function.layers)),
        "_HANDLER": function.handler,
        "LAMBDA_TASK_ROOT": str(function.code),
        "LAMBDA_RUNTIME_DIR": str(function.code),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if function.json_logs else "Text",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": str(log),
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # The front tells functions apart by this key.
        "AWS_ACCESS_KEY_ID": function.logical_id,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_ENDPOINT_URL": endpoint,
        # Nothing of the developer's own AWS account may answer.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
