/** One piece anew, by an instruction in the client's own words. */

import { Sparkles } from "lucide-react";
import { useRef, useState } from "react";
import type { Piece } from "../api/types";
import { Button, Counter, Field, TextArea, Toggle, useExplain } from "../design";
import { useT } from "../i18n";
import styles from "./editor.module.css";
import { acts, useActing } from "./use_acts";
import { length } from "./launch_form";

const MAX = 500;
const IDEAS = ["shorter", "question", "warmer", "direct"] as const;

export function RewriteForm({ piece, onSent }: { piece: Piece; onSent: () => void }) {
  const t = useT();
  const explain = useExplain();
  const acting = useActing();
  const [instruction, setInstruction] = useState("");
  const [tried, setTried] = useState(false);
  const key = useRef(crypto.randomUUID());
  const text = instruction.trim();
  const fault = !text
    ? t("planner.rewrite.required")
    : length(text) > MAX
      ? t("planner.fault.too_long", { max: MAX })
      : undefined;
  const send = async () => {
    setTried(true);
    if (fault) return;
    const sent = await acting.run("rewrite", () => acts.regeneratePiece(piece, text, key.current));
    key.current = crypto.randomUUID();
    if (!sent) return;
    setInstruction("");
    setTried(false);
    onSent();
  };
  const refused = acting.problem ? (acting.problem.byField()["instruction"] ?? explain(acting.problem).text) : undefined;
  return (
    <div className={styles.form}>
      <Field
        label={t("planner.rewrite.label")}
        hint={t("planner.rewrite.hint")}
        error={tried && fault ? fault : refused}
        aside={<Counter used={length(text)} max={MAX} />}
      >
        <TextArea rows={4} value={instruction} onValue={setInstruction} />
      </Field>
      <div className={styles.ideas}>
        {IDEAS.map((idea) => {
          const words = t(`planner.rewrite.${idea}`);
          return (
            <Toggle
              key={idea}
              pressed={instruction.includes(words)}
              onToggle={(on) => {
                const rest = instruction.replace(words, "").replace(/^[.\s]+|\s+$/g, "");
                setInstruction(on ? [rest, words].filter(Boolean).join(". ") : rest);
              }}
            >
              {words}
            </Toggle>
          );
        })}
      </div>
      <div className={styles.send}>
        <small>{t("planner.rewrite.note")}</small>
        <Button
          variant="primary"
          icon={<Sparkles size={15} aria-hidden />}
          busy={acting.busy !== null}
          onClick={() => void send()}
        >
          {t("planner.rewrite.send")}
        </Button>
      </div>
    </div>
  );
}
