"""The job engine whole: effects, unique keys, paused queues, rates, schedules; children, history and cost of each job."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_queues",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_by", sa.String(length=254), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=300), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_queues")),
    )
    op.create_table(
        "job_rates",
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("arrives_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "type", name=op.f("pk_job_rates")),
    )
    op.create_table(
        "job_schedules",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("last_tick", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_schedules")),
    )
    op.create_table(
        "job_effects",
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_effects_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "name", "round", name=op.f("pk_job_effects")),
    )
    op.create_index(
        "ix_job_effects_unknown",
        "job_effects",
        ["planned_at"],
        unique=False,
        postgresql_where=sa.text("state = 'unknown'"),
    )
    op.create_table(
        "job_keys",
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_keys_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("scope", "type", "key", name=op.f("pk_job_keys")),
    )
    op.create_index("ix_job_keys_job_id", "job_keys", ["job_id"], unique=False)
    op.add_column("jobs", sa.Column("payload_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("jobs", sa.Column("result_ref", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("jobs", sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column("jobs", sa.Column("parent_step", sa.String(length=80), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("children_open", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("replay_of", sa.Uuid(as_uuid=False), nullable=True))
    op.add_column(
        "jobs", sa.Column("ready_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.add_column("jobs", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("retried_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("retention_seconds", sa.Integer(), server_default="7776000", nullable=False))
    op.add_column(
        "jobs", sa.Column("history", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    )
    op.add_column(
        "jobs", sa.Column("meter", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.alter_column("jobs", "user_id", existing_type=sa.UUID(), nullable=True)
    op.alter_column(
        "jobs",
        "cost_usd",
        existing_type=sa.NUMERIC(precision=12, scale=6),
        type_=sa.Numeric(precision=14, scale=8),
        existing_nullable=True,
    )
    op.create_index(
        "ix_jobs_created_at_id",
        "jobs",
        [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_jobs_dead", "jobs", ["finished_at"], unique=False, postgresql_where=sa.text("state = 'dead'"))
    op.create_index(
        "ix_jobs_finished_at", "jobs", ["finished_at"], unique=False, postgresql_where=sa.text("settled_at IS NOT NULL")
    )
    op.create_index(
        "ix_jobs_parent_id", "jobs", ["parent_id"], unique=False, postgresql_where=sa.text("parent_id IS NOT NULL")
    )
    op.create_index(
        "ix_jobs_queue_state_open",
        "jobs",
        ["queue", "state", "ready_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index(
        "ix_jobs_type_user_id_ready_at_parked",
        "jobs",
        ["type", "user_id", "ready_at"],
        unique=False,
        postgresql_where=sa.text("parked_at IS NOT NULL"),
    )
    op.create_index(
        "ix_jobs_type_user_id_running",
        "jobs",
        ["type", "user_id"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_foreign_key(op.f("fk_jobs_parent_id_jobs"), "jobs", "jobs", ["parent_id"], ["id"], ondelete="CASCADE")
    op.create_check_constraint("owned_or_hidden", "jobs", "user_id IS NOT NULL OR hidden")
