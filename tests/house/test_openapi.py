"""The document that the console's client is generated from is the one that the code gives."""

from __future__ import annotations

import json

from local import openapi


def test_the_committed_document_is_what_the_code_gives() -> None:
    assert openapi.FILE.read_text() == openapi.document(), "run `make openapi` and commit web/client/openapi.json"


def test_every_operation_names_its_answer() -> None:
    """An answer without a schema becomes `unknown` in the console; files and 204 have none."""
    nameless = []
    for path, methods in json.loads(openapi.document())["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                content = answer.get("content", {}).get("application/json")
                if status.startswith("2") and content is not None and not content.get("schema"):
                    nameless.append(f"{method} {path} {status}")
    assert nameless == []
