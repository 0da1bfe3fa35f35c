"""Tables that any module may point to: users, jobs and what belongs to them, events, usage, idempotency keys. Holds no rules."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE")),  # null for the suite's own upkeep
    Column("type", String(80), nullable=False),
    Column("queue", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("payload_version", Integer, nullable=False, server_default="1"),
    Column("result", JSONB),
    # Where a result too large for the row lies: {"key", "bytes", "sha256"} in the results bucket.
    Column("result_ref", JSONB),
    Column("error", JSONB),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("message", String(300), nullable=False, server_default=""),
    # The attempt is also the fencing token: a worker writes only where the attempt is still its own.
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("max_attempts", Integer, nullable=False, server_default="5"),
    Column("subject_kind", String(40), nullable=False, server_default=""),
    Column("subject_id", Id),
    # A child's end is counted down in its parent's children_open; at nought the parent goes on.
    Column("parent_id", Id, ForeignKey("jobs.id", ondelete="CASCADE")),
    Column("parent_step", String(80), nullable=False, server_default=""),
    Column("children_open", Integer, nullable=False, server_default="0"),
    Column("replay_of", Id),
    Column("correlation_id", String(128), nullable=False, server_default=""),
    created_at(),
    # Since when it could have run, when its present attempt was claimed: their difference is the queue's wait.
    Column("ready_at", Moment, nullable=False, server_default=func.now()),
    Column("claimed_at", Moment),
    # Over its client's or type's limit: the end of one that runs brings it back.
    Column("parked_at", Moment),
    Column("started_at", Moment),
    Column("retried_at", Moment),  # by hand, last
    Column("finished_at", Moment),
    Column("deadline_at", Moment, nullable=False),
    # When the sweeper has to look if nothing else happened: resend, run what is due, take back a lost lease.
    Column("wake_at", Moment, nullable=False),
    Column("cancel_requested_at", Moment),
    # A job is over when its module has been told of the end (in the same transaction as the end, or after it).
    Column("settled_at", Moment),
    Column("retention_seconds", Integer, nullable=False, server_default="7776000"),
    # One entry for each attempt that ended, at most the last fifty.
    Column("history", JSONB, nullable=False, server_default="[]"),
    # What it used, by unit of bai/prices.json; cost_usd is their price on the day of the file.
    Column("meter", JSONB, nullable=False, server_default="{}"),
    Column("cost_usd", Numeric(14, 8)),
    # What the owner's plan must include for the job to be retried; empty for none.
    Column("feature", String(40), nullable=False, server_default=""),
    # The suite's own upkeep: neither shown to clients nor theirs to cancel.
    Column("hidden", Boolean, nullable=False, server_default="false"),
    CheckConstraint("user_id IS NOT NULL OR hidden", name="owned_or_hidden"),
    Index("ix_jobs_user_id_created_at_id", "user_id", text("created_at DESC"), text("id DESC")),
    Index("ix_jobs_created_at_id", text("created_at DESC"), text("id DESC")),
    Index("ix_jobs_subject_id", "subject_id"),
    Index("ix_jobs_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    Index("ix_jobs_wake_at_open", "wake_at", postgresql_where=text("settled_at IS NULL")),
    Index("ix_jobs_deadline_at_open", "deadline_at", postgresql_where=text("finished_at IS NULL")),
    Index("ix_jobs_queue_state_open", "queue", "state", "ready_at", postgresql_where=text("finished_at IS NULL")),
    Index("ix_jobs_type_user_id_running", "type", "user_id", postgresql_where=text("state = 'running'")),
    Index(
        "ix_jobs_type_user_id_ready_at_parked",
        "type",
        "user_id",
        "ready_at",
        postgresql_where=text("parked_at IS NOT NULL"),
    ),
    Index("ix_jobs_dead", "finished_at", postgresql_where=text("state = 'dead'")),
    Index("ix_jobs_finished_at", "finished_at", postgresql_where=text("settled_at IS NOT NULL")),
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

# The ledger of what was done outside. A round is one request to do it: asking anew after a failed job begins another.
job_effects = Table(
    "job_effects",
    metadata,
    Column("job_id", Id, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("mode", String(16), nullable=False),  # keyed | probe | at_most_once | at_least_once
    Column("state", String(10), nullable=False),  # planned | sent | confirmed | unknown
    Column("attempt", Integer, nullable=False),
    Column("result", JSONB),
    Column("error", JSONB),
    Column("planned_at", Moment, nullable=False, server_default=func.now()),
    Column("sent_at", Moment),
    Column("settled_at", Moment),
    Index("ix_job_effects_unknown", "planned_at", postgresql_where=text("state = 'unknown'")),
)

# Who holds a unique key; whether it still does is decided by its job when somebody else asks for it.
job_keys = Table(
    "job_keys",
    metadata,
    Column("scope", String(36), primary_key=True),  # the user's id, or empty for the suite's own
    Column("type", String(80), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("job_id", Id, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("until", String(10), nullable=False),  # running | finished | ttl
    Column("expires_at", Moment),
    Index("ix_job_keys_job_id", "job_id"),
)

job_queues = Table(
    "job_queues",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("paused_at", Moment),
    Column("paused_by", String(254), nullable=False, server_default=""),
    Column("reason", String(300), nullable=False, server_default=""),
)

# Token buckets as one moment each: the theoretical arrival time of the generic cell rate algorithm.
job_rates = Table(
    "job_rates",
    metadata,
    Column("scope", String(36), primary_key=True),
    Column("type", String(80), primary_key=True),
    Column("arrives_at", Moment, nullable=False),
)

job_schedules = Table(
    "job_schedules",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("last_tick", Moment, nullable=False),
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
