"""Shapes of the health endpoints."""

from typing import Literal

from pydantic import BaseModel


class LiveOut(BaseModel):
    status: Literal["ok"]


class DependencyOut(BaseModel):
    name: Literal["database", "queues", "text_engine", "n8n"]
    status: Literal["ok", "degraded", "down", "off"]
    latency_ms: float | None
    detail: str


class ReportOut(BaseModel):
    status: Literal["ok", "degraded", "down"]
    checked_at: str
    deps: list[DependencyOut]
