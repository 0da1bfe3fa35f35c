/** A reel's script: hook, shots with their seconds, caption. */

import { Plus, Trash2 } from "lucide-react";
import type { Piece } from "../api/types";
import { Button, Field, IconButton, TextArea, TextInput } from "../design";
import { useT } from "../i18n";
import { Counter } from "./Counter";
import styles from "./editor.module.css";
import type { ScriptDraft } from "./piece_check";
import { platformOf } from "./platforms";
import type { Editing } from "./use_editing";

const MAX_SHOTS = 12;
type Shot = ScriptDraft["shots"][number];

export function ScriptFields({ piece, script, editing }: { piece: Piece; script: ScriptDraft; editing: Editing }) {
  const t = useT();
  const { name, reel_seconds } = platformOf(piece.platform);
  const { faults } = editing;
  const required = (field: string) => (faults[field] ? t("planner.fault.required") : undefined);
  const change = (change: Partial<ScriptDraft>) => {
    editing.change({ script: { ...script, ...change } });
  };
  const total = script.shots.reduce((sum, shot) => sum + (shot.seconds || 0), 0);
  return (
    <fieldset className={styles.group}>
      <legend>{t("planner.edit.script")}</legend>
      <Field label={t("planner.edit.hook")} error={required("hook")}>
        <TextInput
          value={script.hook}
          maxLength={300}
          onChange={(event) => {
            change({ hook: event.target.value });
          }}
        />
      </Field>
      <Shots
        script={script}
        editing={editing}
        onChange={(shots) => {
          change({ shots });
        }}
      />
      <div className={styles.total}>
        <small>{t("planner.edit.total", { n: total, name, ...reel_seconds })}</small>
        <Button
          variant="ghost"
          size="sm"
          icon={<Plus size={14} aria-hidden />}
          disabled={script.shots.length >= MAX_SHOTS}
          onClick={() => {
            change({ shots: [...script.shots, { seconds: 3, visual: "", voice: "" }] });
          }}
        >
          {t("planner.edit.add_shot")}
        </Button>
      </div>
      <Field
        label={t("planner.edit.caption")}
        error={required("caption")}
        aside={<Counter platform={piece.platform} text={script.caption} hashtags={editing.draft.hashtags} />}
      >
        <TextArea
          rows={3}
          maxLength={5000}
          value={script.caption}
          onChange={(event) => {
            change({ caption: event.target.value });
          }}
        />
      </Field>
    </fieldset>
  );
}

function Shots(props: { script: ScriptDraft; editing: Editing; onChange: (shots: Shot[]) => void }) {
  const { script, editing, onChange } = props;
  const set = (index: number, change: Partial<Shot>) => {
    onChange(script.shots.map((shot, at) => (at === index ? { ...shot, ...change } : shot)));
  };
  return (
    <ol className={styles.shots}>
      {script.shots.map((shot, index) => (
        <ShotRow
          key={index}
          shot={shot}
          number={index + 1}
          faults={editing.faults}
          isOnly={script.shots.length === 1}
          onChange={(change) => {
            set(index, change);
          }}
          onRemove={() => {
            onChange(script.shots.filter((_, at) => at !== index));
          }}
        />
      ))}
    </ol>
  );
}

interface ShotRowProps {
  shot: Shot;
  number: number;
  faults: Editing["faults"];
  isOnly: boolean;
  onChange: (change: Partial<Shot>) => void;
  onRemove: () => void;
}

function ShotRow({ shot, number, faults, isOnly, onChange, onRemove }: ShotRowProps) {
  const t = useT();
  const at = String(number - 1);
  return (
    <li className={styles.shot} aria-label={t("planner.edit.shot", { n: number })}>
      <Field label={t("planner.edit.seconds")} error={faults[`seconds-${at}`] ? "1–180" : undefined}>
        <TextInput
          type="number"
          min={1}
          max={180}
          value={Number.isNaN(shot.seconds) ? "" : shot.seconds}
          onChange={(event) => {
            onChange({ seconds: event.target.valueAsNumber });
          }}
        />
      </Field>
      <Field
        label={t("planner.edit.visual")}
        error={faults[`visual-${at}`] ? t("planner.fault.required") : undefined}
      >
        <TextArea
          rows={1}
          className={styles.line}
          value={shot.visual}
          maxLength={500}
          onChange={(event) => {
            onChange({ visual: event.target.value });
          }}
        />
      </Field>
      <IconButton
        label={t("planner.edit.remove_shot", { n: number })}
        icon={<Trash2 size={15} aria-hidden />}
        disabled={isOnly}
        onClick={onRemove}
      />
      <Field label={t("planner.edit.voice")}>
        <TextArea
          rows={1}
          className={styles.line}
          value={shot.voice}
          maxLength={500}
          onChange={(event) => {
            onChange({ voice: event.target.value });
          }}
        />
      </Field>
    </li>
  );
}
