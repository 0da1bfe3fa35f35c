/** Jobs for the tests, each with what the test is about changed. */

import type { Attempt, Effect, Job, JobDetail, Jobs, Step } from "./shapes";

export function job(change: Partial<Job> = {}): Job {
  return {
    id: "02",
    type: "content_planner.create_campaign",
    queue: "content_planner",
    state: "queued",
    progress: 0,
    message: "",
    attempts: 0,
    max_attempts: 5,
    result: null,
    error: null,
    subject: { kind: "campaign", id: "c1" },
    parent_id: null,
    replay_of: null,
    children_open: 0,
    cancel_requested: false,
    waits_for_turn: false,
    correlation_id: "r1",
    created_at: "2026-11-23T00:00:00Z",
    ready_at: "2026-11-23T00:00:00Z",
    started_at: null,
    finished_at: null,
    deadline_at: "2026-11-23T01:00:00Z",
    next_attempt_at: null,
    cost_usd: null,
    ...change,
  };
}

export function detail(change: Partial<JobDetail> = {}): JobDetail {
  return {
    ...job(change),
    payload: {},
    wait_ms: null,
    run_ms: null,
    steps: [],
    effects: [],
    history: [],
    children: [],
    children_total: 0,
    cost: { usd: null, with_children_usd: null, prices_as_of: "2026-07-01", lines: [] },
    ...change,
  };
}

export function step(change: Partial<Step> = {}): Step {
  return { name: "write", state: "started", attempt: 1, started_at: "2026-11-23T00:00:01Z", finished_at: null, ...change };
}

export function effect(change: Partial<Effect> = {}): Effect {
  return {
    name: "hand-off",
    key: "02/hand-off/1",
    mode: "keyed",
    state: "planned",
    attempt: 1,
    result: null,
    error: null,
    planned_at: "2026-11-23T00:00:01Z",
    sent_at: null,
    settled_at: null,
    ...change,
  };
}

export function attempt(change: Partial<Attempt> = {}): Attempt {
  return {
    attempt: 1,
    started_at: "2026-11-23T00:00:01Z",
    ended_at: "2026-11-23T00:00:03Z",
    outcome: "retrying",
    code: "unavailable",
    detail: "away",
    wait_ms: 100,
    run_ms: 2000,
    ...change,
  };
}

export function list(items: Job[], counts: Jobs["counts"], next: string | null = null): Jobs {
  return { items, counts, next_cursor: next };
}
