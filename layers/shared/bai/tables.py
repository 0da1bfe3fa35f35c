"""Tables that any module may point to: users, jobs and their steps, events, usage, idempotency keys. Holds no rules."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

Id = Uuid(as_uuid=False)
Moment = DateTime(timezone=True)


def created_at() -> Column[object]:
    return Column("created_at", Moment, nullable=False, server_default=func.now())


users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("email", String(254), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("full_name", String(200), nullable=False),
    Column("role", String(16), nullable=False, server_default="client"),
    Column("plan_tier", String(16), nullable=False, server_default="MOTOR"),
    Column("subscription_status", String(16), nullable=False, server_default="active"),
    Column("past_due_since", Moment),
    Column("features", JSONB, nullable=False, server_default="{}"),
    Column("language", String(2), nullable=False, server_default="es"),
    Column("time_zone", String(64), nullable=False, server_default="Europe/Madrid"),
    created_at(),
    Index("uq_users_email_lower", func.lower(text("email")), unique=True),
    Index("ix_users_plan_tier", "plan_tier"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("type", String(80), nullable=False),
    Column("queue", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("result", JSONB),
    Column("error", JSONB),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("message", String(300), nullable=False, server_default=""),
    # The attempt is also the fencing token: a worker writes only where the attempt is still its own.
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False, server_default="5"),
    Column("subject_kind", String(40), nullable=False, server_default=""),
    Column("subject_id", Id),
    Column("correlation_id", String(128), nullable=False, server_default=""),
    created_at(),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("deadline_at", Moment, nullable=False),
    # When the sweeper has to look if nothing else happened: resend, run what is due, take back a lost lease.
    Column("wake_at", Moment, nullable=False),
    Column("cancel_requested_at", Moment),
    # A job is over when its module has been told of the end (in the same transaction as the end, or after it).
    Column("settled_at", Moment),
    Column("cost_usd", Numeric(12, 6)),
    # The suite's own upkeep (such as closing a month): enforced, but neither shown to clients nor theirs to cancel.
    # What the owner's plan must include for the job to be retried; empty for none.
    Column("feature", String(40), nullable=False, server_default=""),
    Column("hidden", Boolean, nullable=False, server_default="false"),
    Index("ix_jobs_user_id_created_at_id", "user_id", text("created_at DESC"), text("id DESC")),
    Index("ix_jobs_subject_id", "subject_id"),
    Index("ix_jobs_wake_at_open", "wake_at", postgresql_where=text("settled_at IS NULL")),
    Index("ix_jobs_deadline_at_open", "deadline_at", postgresql_where=text("finished_at IS NULL")),
)

job_steps = Table(
    "job_steps",
    metadata,
    Column("job_id", Id, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("state", String(10), nullable=False),  # started | done
    Column("attempt", Integer, nullable=False),
    Column("result", JSONB),
    Column("started_at", Moment, nullable=False, server_default=func.now()),
    Column("finished_at", Moment),
)

event_counters = Table(
    "event_counters",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, nullable=False, server_default="0"),
    Column("told_at", Moment, nullable=False, server_default=func.now()),
    Column("listening_at", Moment),
    Index("ix_event_counters_told_at", "told_at"),
    Index("ix_event_counters_listening_at", "listening_at"),
)

events = Table(
    "events",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("event", String(60), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("at", Moment, nullable=False, server_default=func.clock_timestamp()),
    Index("ix_events_at", "at"),
)

usage_counters = Table(
    "usage_counters",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("metric", String(40), primary_key=True),
    Column("used", BigInteger, nullable=False, server_default="0"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("headers", JSONB),
    Column("body", JSONB),
    created_at(),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

system_status = Table(
    "system_status",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("report", JSONB, nullable=False),
    Column("checked_at", Moment, nullable=False),
)
