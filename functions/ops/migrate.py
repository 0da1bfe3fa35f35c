"""Alembic in a Lambda: brings the schema to head, one runner at a time. Invoked by the deploy command or by hand."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

import bai_migrations
from bai import telemetry
from bai.db import engine, wait_longer

_LOCK = 0x42_41_49  # any number, the same for every runner


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """{"from": revision or null, "to": revision}. Everything in one transaction: it is all there or not at all."""
    config = Config()
    config.set_main_option("script_location", str(Path(bai_migrations.__file__).parent))
    with engine().begin() as connection:
        wait_longer(connection, context.get_remaining_time_in_millis() / 1000)
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        command.upgrade(config, str(event.get("to", "head")))
        after = MigrationContext.configure(connection).get_current_revision()
    telemetry.logger().info("migrated", before=before, after=after)
    return {"from": before, "to": after}
