/** Every effect in doubt, of all jobs; the list is not there while there is none. */

import useSWR from "swr";
import { keyOf } from "../api/client";
import { Doubts } from "./Doubts";
import styles from "./queues.module.css";
import type { ListedEffects } from "./shapes";

export function DoubtList({ everybody, again: recount }: { everybody: boolean; again: () => Promise<unknown> }) {
  const key = keyOf("/jobs/effects", { state: "unknown", scope: everybody ? "all" : null });
  const { data, mutate: again } = useSWR<ListedEffects, unknown>(key, { revalidateIfStale: true });
  if (!data || data.items.length === 0) return null;
  return (
    <div className={styles["section"]}>
      <Doubts
        effects={data.items}
        onSaid={() => {
          void again();
          void recount();
        }}
      />
    </div>
  );
}
