"""Campaigns, their pieces and every version a piece ever had."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from bai.tables import Id, Moment, created_at, metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("job_id", Id, ForeignKey("jobs.id", ondelete="SET NULL")),
    Column("month", String(7), nullable=False),
    Column("tone_of_voice", String(100), nullable=False),
    Column("themes", JSONB, nullable=False),
    Column("target_platforms", JSONB, nullable=False),
    Column("language", String(2), nullable=False),
    Column("campaign_metadata", JSONB, nullable=False, server_default="{}"),
    Column("engine", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("progress", Integer, nullable=False, server_default="0"),
    Column("pieces_ready", Integer, nullable=False, server_default="0"),
    Column("message", String(300), nullable=False, server_default=""),
    Column("error", JSONB),
    Column("review_comment", String(1000)),
    created_at(),
    Column("started_at", Moment),
    Column("completed_at", Moment),
    Column("deadline_at", Moment, nullable=False),
    Index("ix_campaigns_month_created_at", "month", text("created_at DESC")),
    Index("ix_campaigns_user_id_created_at_id", "user_id", text("created_at DESC"), text("id DESC")),
    Index("ix_campaigns_user_id_month_created_at_id", "user_id", "month", text("created_at DESC"), text("id DESC")),
)

pieces = Table(
    "pieces",
    metadata,
    Column("id", Id, primary_key=True),
    Column("campaign_id", Id, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("platform", String(20), nullable=False),
    Column("theme", String(200), nullable=False, server_default=""),
    Column("status", String(20), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("text", Text, nullable=False),
    Column("hashtags", JSONB, nullable=False),
    Column("media_brief", Text, nullable=False),
    Column("script", JSONB),
    Column("engine", String(20), nullable=False),
    Column("scheduled_for", Moment, nullable=False),
    created_at(),
    # One piece per place: a step that runs again finds the place taken.
    Index("uq_pieces_campaign_id_position", "campaign_id", "position", unique=True),
    Index("ix_pieces_user_id_scheduled_for", "user_id", "scheduled_for"),
)

piece_versions = Table(
    "piece_versions",
    metadata,
    Column("piece_id", Id, ForeignKey("pieces.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("author", String(10), nullable=False),  # engine | client | restore
    Column("engine", String(20), nullable=False),
    Column("instruction", String(500)),
    Column("text", Text, nullable=False),
    Column("hashtags", JSONB, nullable=False),
    Column("media_brief", Text, nullable=False),
    Column("script", JSONB),
    created_at(),
)
