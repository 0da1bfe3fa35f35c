/** The words of a piece, its hashtags, its picture's brief, its script and its time. */

import { useState } from "react";
import type { Piece } from "../api/types";
import { Button, ChipInput, Field, TextArea } from "../design";
import { useT } from "../i18n";
import { Counter } from "./Counter";
import { Findings } from "./Findings";
import { ScheduleFields } from "./ScheduleFields";
import { ScriptFields } from "./ScriptFields";
import styles from "./editor.module.css";
import { checkPiece } from "./piece_check";
import { isHashtag, normalizeHashtag, platformOf } from "./platforms";
import type { Editing } from "./use_editing";

export function PieceEditor(props: { piece: Piece; month: string; editing: Editing; timeOnly: boolean }) {
  const { piece, month, editing, timeOnly } = props;
  const t = useT();
  const { draft, change, faults } = editing;
  const findings = checkPiece({ ...draft, platform: piece.platform, kind: piece.kind });
  const byField = editing.acting.problem?.byField() ?? {};
  if (timeOnly) {
    return (
      <div className={styles.form}>
        <p className={styles.note}>{t("planner.panel.locked")}</p>
        <ScheduleFields month={month} editing={editing} refused={byField["scheduled_for"]} />
      </div>
    );
  }
  return (
    <div className={styles.form}>
      <Field
        label={t("planner.edit.text")}
        error={faults["text"] ? t("planner.finding.empty_text") : byField["text"]}
        aside={<Counter platform={piece.platform} text={draft.text} hashtags={draft.hashtags} />}
      >
        <TextArea
          rows={9}
          maxLength={5000}
          value={draft.text}
          onChange={(event) => {
            change({ text: event.target.value });
          }}
        />
      </Field>
      <HashtagField piece={piece} editing={editing} refused={byField["hashtags"]} />
      <Findings findings={findings} />
      {draft.script ? <ScriptFields piece={piece} script={draft.script} editing={editing} /> : null}
      <Field label={t("planner.edit.media")} error={byField["media_brief"]}>
        <TextArea
          rows={3}
          maxLength={1000}
          value={draft.media_brief}
          onChange={(event) => {
            change({ media_brief: event.target.value });
          }}
        />
      </Field>
      <ScheduleFields month={month} editing={editing} refused={byField["scheduled_for"]} />
    </div>
  );
}

function HashtagField({ piece, editing, refused }: { piece: Piece; editing: Editing; refused: string | undefined }) {
  const t = useT();
  const { max_hashtags: max } = platformOf(piece.platform);
  const { hashtags } = editing.draft;
  return (
    <Field
      label={t("planner.edit.hashtags")}
      hint={t("planner.edit.hashtags.hint")}
      error={refused}
      aside={max === null ? null : <small>{t("planner.edit.count", { n: hashtags.length, max })}</small>}
    >
      <ChipInput
        values={hashtags}
        max={30}
        invalid={hashtags.flatMap((tag, at) => (isHashtag(tag) ? [] : [at]))}
        normalize={(text) => (text.trim() ? normalizeHashtag(text).slice(0, 100) : "")}
        onChange={(values) => {
          editing.change({ hashtags: values });
        }}
      />
    </Field>
  );
}

/** Save, or take back what was typed; stays in sight while one scrolls. */
export function EditorFoot({ editing, onSaved }: { editing: Editing; onSaved: (piece: Piece) => void }) {
  const t = useT();
  const [tried, setTried] = useState(false);
  const { acting, isDirty } = editing;
  const save = async () => {
    setTried(true);
    const saved = await editing.save();
    if (saved) onSaved(saved);
  };
  const refused = tried && acting.problem && !editing.newer ? acting.problem.detail : null;
  return (
    <div className={styles.foot}>
      <span className={styles.state} role="status">
        {refused ?? (isDirty ? t("planner.edit.unsaved") : "")}
      </span>
      <Button variant="ghost" disabled={!isDirty || acting.busy !== null} onClick={editing.discard}>
        {t("planner.edit.discard")}
      </Button>
      <Button
        variant="primary"
        busy={acting.busy === "save"}
        disabled={!isDirty || editing.newer !== null}
        onClick={() => void save()}
      >
        {t("planner.edit.save")}
      </Button>
    </div>
  );
}
