/** What the list is narrowed to. It lives in the address, so that a filtered list can be sent to a colleague. */

import { useSearchParams } from "react-router";
import { keyOf } from "../api/client";
import { useT } from "../i18n";
import { JOBS } from "./lists";
import { LISTED_TYPES, UPKEEP_TYPES, sought } from "./names";
import type { JobState } from "./shapes";
import { STATES } from "./StateFilter";

const PAGE = 50;
const NAMES = ["state", "type", "queue", "q", "scope"] as const;
export type FilterName = (typeof NAMES)[number];

export interface Filters {
  state: JobState | null;
  type: string | null;
  queue: string | null;
  q: string;
  everybody: boolean;
  /** Whether anything narrows the list; whose jobs they are does not. */
  narrowed: boolean;
  /** The types there are to choose from. */
  types: readonly string[];
  key: string;
  set: (name: FilterName, value: string | null) => void;
  clear: () => void;
}

export function useFilters(admin: boolean): Filters {
  const t = useT();
  const [params, setParams] = useSearchParams();
  const state = STATES.find((one) => one === params.get("state")) ?? null;
  const type = params.get("type");
  const queue = params.get("queue");
  const q = params.get("q") ?? "";
  const everybody = admin && params.get("scope") === "all";
  const types = everybody ? [...LISTED_TYPES, ...UPKEEP_TYPES] : LISTED_TYPES;
  const change = (edit: (now: URLSearchParams) => void): void => {
    setParams(
      (now) => {
        edit(now);
        return now;
      },
      { replace: true },
    );
  };
  return {
    state,
    type,
    queue,
    q,
    everybody,
    narrowed: state !== null || type !== null || queue !== null || q !== "",
    types,
    key: keyOf(JOBS, { state, queue, ...sought(t, q, type, types), scope: everybody ? "all" : null, limit: PAGE }),
    set: (name, value) => {
      change((now) => {
        if (value) now.set(name, value);
        else now.delete(name);
      });
    },
    clear: () => {
      change((now) => {
        for (const name of NAMES) if (name !== "scope") now.delete(name);
      });
    },
  };
}
