/** Everything one can go to or do, by its name. Arrow keys choose, Enter does it, Esc closes. */

import { Search } from "lucide-react";
import { useEffect, useId, useMemo, useState } from "react";
import { Dialog, Kbd } from "../design";
import { useT } from "../i18n";
import type { Command } from "./commands";
import { match, useCommands } from "./commands";
import styles from "./palette.module.css";

export interface PaletteProps {
  onClose: () => void;
  onLaunch: () => void;
}

export default function Palette({ onClose, onLaunch }: PaletteProps) {
  const t = useT();
  return (
    <Dialog open bare onClose={onClose} title={t("palette.title")}>
      <Choices onDone={onClose} onLaunch={onLaunch} />
    </Dialog>
  );
}

function Choices({ onDone, onLaunch }: { onDone: () => void; onLaunch: () => void }) {
  const t = useT();
  const id = useId();
  const commands = useCommands(onLaunch);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => match(commands, text), [commands, text]);
  const chosen = Math.min(at, Math.max(0, found.length - 1));

  useEffect(() => {
    document.getElementById(`${id}-${String(chosen)}`)?.scrollIntoView({ block: "nearest" });
  }, [id, chosen]);

  const run = (command: Command | undefined): void => {
    if (!command) return;
    onDone();
    command.run();
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setAt((chosen + step + found.length) % found.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(found[chosen]);
    }
  };

  return (
    <>
      <div className={styles["input"]}>
        <Search aria-hidden="true" />
        <input
          // The dialog is opened to type into this.
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={found.length > 0 ? `${id}-${String(chosen)}` : undefined}
          aria-label={t("palette.placeholder")}
          placeholder={t("palette.placeholder")}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Kbd>Esc</Kbd>
      </div>
      <div className={styles["list"]} role="listbox" id={`${id}-list`} aria-label={t("palette.title")}>
        {found.map((command, index) => (
          <div key={command.id}>
            {command.group !== found[index - 1]?.group && (
              <div className={styles["group"]} role="presentation">
                {t(`palette.${command.group}`)}
              </div>
            )}
            <div
              className={styles["option"]}
              role="option"
              id={`${id}-${String(index)}`}
              aria-selected={index === chosen}
              onMouseMove={() => {
                setAt(index);
              }}
              onClick={() => {
                run(command);
              }}
            >
              {command.icon}
              <span>{command.name}</span>
            </div>
          </div>
        ))}
        {found.length === 0 && <p className={styles["none"]}>{t("palette.none", { text })}</p>}
      </div>
    </>
  );
}
