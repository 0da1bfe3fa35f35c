/** What narrows the list: state, type, queue, words, and for an admin whose. */

import { useEffect, useRef, useState } from "react";
import { SearchInput, Select } from "../design";
import { useT } from "../i18n";
import styles from "./jobs.module.css";
import { QUEUE_NAMES, jobName, queueName } from "./names";
import { ScopeToggle } from "./ScopeToggle";
import type { Jobs } from "./shapes";
import { StateFilter } from "./StateFilter";
import type { Filters } from "./use_filters";

export function Tools({ filters, admin, counts }: { filters: Filters; admin: boolean; counts: Jobs["counts"] | undefined }) {
  const t = useT();
  const { state, type, queue, everybody, set } = filters;
  return (
    <div className={styles["tools"]}>
      <StateFilter
        counts={counts}
        value={state}
        onValue={(next) => {
          set("state", next);
        }}
      />
      <div className={styles["narrow"]}>
        {admin && (
          <ScopeToggle
            everybody={everybody}
            onEverybody={(next) => {
              set("scope", next ? "all" : null);
            }}
          />
        )}
        <Choice
          label={t("jobs.type")}
          any={t("jobs.type.any")}
          value={type}
          known={filters.types}
          name={(one) => jobName(t, one)}
          onValue={(next) => {
            set("type", next);
          }}
        />
        <Choice
          label={t("jobs.queue")}
          any={t("jobs.queue.any")}
          value={queue}
          known={everybody ? QUEUE_NAMES : QUEUE_NAMES.slice(0, 2)}
          name={(one) => queueName(t, one)}
          onValue={(next) => {
            set("queue", next);
          }}
        />
        <Search
          value={filters.q}
          onValue={(next) => {
            set("q", next);
          }}
        />
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string | null;
  known: readonly string[];
  name: (one: string) => string;
  onValue: (value: string) => void;
}

function Choice({ label, any, value, known, name, onValue }: ChoiceProps) {
  // A type that came by a link stays choosable, known here or not.
  const all = value !== null && !known.includes(value) ? [...known, value] : known;
  return (
    <Select
      size="sm"
      className={styles["choice"]}
      label={label}
      value={value ?? ""}
      options={[{ value: "", label: any }, ...all.map((one) => ({ value: one, label: name(one) }))]}
      onValue={onValue}
    />
  );
}

const PAUSE_MS = 300;

/** Searches the server once the typing pauses. */
function Search({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const t = useT();
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return (
    <div className={styles["search"]}>
      <SearchInput
        label={t("jobs.search")}
        placeholder={t("jobs.search.hint")}
        maxLength={80}
        value={typed}
        onValue={(next) => {
          setTyped(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            told.current = next;
            onValue(next);
          }, PAUSE_MS);
        }}
      />
    </div>
  );
}
