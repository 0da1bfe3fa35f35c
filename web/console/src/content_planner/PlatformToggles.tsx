/** One to five platforms, each with its mark and name. */

import { Toggle } from "../design";
import { PlatformIcon } from "./PlatformIcon";
import styles from "./launch.module.css";
import { MAX_PLATFORMS } from "./launch_form";
import { PLATFORMS } from "./platforms";

export function PlatformToggles({ chosen, onChange }: { chosen: readonly string[]; onChange: (ids: string[]) => void }) {
  const isFull = chosen.length >= MAX_PLATFORMS;
  return (
    <div className={styles.platforms}>
      {PLATFORMS.map(({ id, name }) => {
        const on = chosen.includes(id);
        return (
          <Toggle
            key={id}
            pressed={on}
            disabled={isFull && !on}
            onToggle={() => {
              onChange(on ? chosen.filter((other) => other !== id) : [...chosen, id]);
            }}
          >
            <PlatformIcon platform={id} size={16} />
            {name}
          </Toggle>
        );
      })}
    </div>
  );
}
