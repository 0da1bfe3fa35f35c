/** Ask for changes: what should be different, and in which pieces. */

import { useState } from "react";
import type { Campaign } from "../api/types";
import { Button, Counter, Dialog, Field, TextArea, Toggle, useExplain } from "../design";
import { useT } from "../i18n";
import { PlatformIcon } from "./PlatformIcon";
import styles from "./editor.module.css";
import { length } from "./launch_form";
import { pieceName } from "./names";
import { acts, useActing } from "./use_acts";

const MAX = 1000;

export function ChangesDialog({ campaign, onClose }: { campaign: Campaign; onClose: () => void }) {
  const t = useT();
  const explain = useExplain();
  const acting = useActing();
  const [comment, setComment] = useState("");
  const [chosen, setChosen] = useState<string[]>([]);
  const [tried, setTried] = useState(false);
  const text = comment.trim();
  const tooLong = length(text) > MAX ? t("planner.fault.too_long", { max: MAX }) : undefined;
  const fault = text ? tooLong : t("planner.changes.required");
  const send = async () => {
    setTried(true);
    if (fault) return;
    if (await acting.run("changes", () => acts.requestChanges(campaign.id, text, chosen))) onClose();
  };
  const refused = acting.problem ? (acting.problem.byField()["comment"] ?? explain(acting.problem).text) : undefined;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("planner.changes.title")}
      text={t("planner.changes.text")}
      footer={
        <Button variant="primary" busy={acting.busy !== null} onClick={() => void send()}>
          {t("planner.changes.send")}
        </Button>
      }
    >
      <div className={styles.form}>
        <Field
          label={t("planner.changes.comment")}
          error={tried && fault ? fault : refused}
          aside={<Counter used={length(text)} max={MAX} />}
        >
          <TextArea autoFocus rows={4} value={comment} onValue={setComment} />
        </Field>
        <Field group label={t("planner.changes.pieces")}>
          <div className={styles.ideas}>
            <Toggle
              pressed={chosen.length === 0}
              onToggle={() => {
                setChosen([]);
              }}
            >
              {t("planner.changes.all")}
            </Toggle>
            {campaign.pieces.map((piece) => (
              <Toggle
                key={piece.id}
                pressed={chosen.includes(piece.id)}
                onToggle={(on) => {
                  setChosen(on ? [...chosen, piece.id] : chosen.filter((id) => id !== piece.id));
                }}
              >
                <PlatformIcon platform={piece.platform} size={14} /> {pieceName(t, piece)}
              </Toggle>
            ))}
          </div>
        </Field>
      </div>
    </Dialog>
  );
}
