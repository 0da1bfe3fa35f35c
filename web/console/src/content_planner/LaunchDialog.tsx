/** The short form that launches a month of content. What was typed stays, whatever the API says. */

import { Rocket } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import useSWR from "swr";
import { api } from "../api/client";
import type { Engine, Launched } from "../api/types";
import { Button, ChipInput, Counter, Dialog, Field, Select, TextInput, Toggle, useExplain } from "../design";
import { useFormat, useLanguage, useT } from "../i18n";
import { PlatformToggles } from "./PlatformToggles";
import { ENGINE, LAUNCH } from "./keys";
import styles from "./launch.module.css";
import { FIELDS, MAX_THEME, MAX_THEMES, MAX_TONE, emptyForm, faultsOf, length, monthChoices, validate } from "./launch_form";
import type { LaunchFault, LaunchFaults, LaunchForm } from "./launch_form";
import { paths } from "./paths";
import { useActing } from "./use_acts";

const TONES = ["warm", "expert", "playful", "elegant", "direct"] as const;
const FORM = "launch-form";

export interface LaunchDialogProps {
  onClose: () => void;
  /** The month to begin with; next month when left out. */
  month?: string | undefined;
}

export default function LaunchDialog({ onClose, month }: LaunchDialogProps) {
  const t = useT();
  const { zone } = useFormat();
  const [language] = useLanguage();
  const explain = useExplain();
  const navigate = useNavigate();
  const acting = useActing();
  const [form, setForm] = useState<LaunchForm>(() => begin(zone, language, month));
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<LaunchFaults>({});
  // One key for this opened form: pressing twice, or again after a lost answer, launches once.
  const key = useRef(crypto.randomUUID());
  const faults = { ...refused, ...(tried ? validate(form, zone) : {}) };

  const change = (change: Partial<LaunchForm>) => {
    setForm({ ...form, ...change });
    const stale = Object.keys(change);
    setRefused(Object.fromEntries(Object.entries(refused).filter(([field]) => !stale.includes(field))));
    // Another body under the same key would be refused.
    if (acting.problem && acting.problem.status !== 0) key.current = crypto.randomUUID();
  };
  const send = async () => {
    setTried(true);
    if (Object.keys(validate(form, zone)).length > 0) {
      focusFirstFault();
      return;
    }
    const body = { ...form, tone_of_voice: form.tone_of_voice.trim() };
    const launched = await acting.run("launch", async () => {
      try {
        return await api.post<Launched>(LAUNCH, body, { idempotencyKey: key.current });
      } catch (error) {
        setRefused(faultsOf((error as { errors?: { loc: string[]; msg: string }[] }).errors ?? []));
        throw error;
      }
    });
    if (!launched) return;
    onClose();
    void navigate(paths.campaign(launched.campaign_id));
  };
  const general = acting.problem && Object.keys(refused).length === 0 ? explain(acting.problem) : null;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t("planner.form.title")}
      text={t("planner.form.text")}
      footer={
        <>
          <CostNote />
          <Button
            type="submit"
            form={FORM}
            variant="primary"
            icon={<Rocket size={15} aria-hidden />}
            busy={acting.busy !== null}
          >
            {t("planner.form.submit")}
          </Button>
        </>
      }
    >
      <form
        id={FORM}
        ref={focusForm}
        tabIndex={-1}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {general ? (
          <p className={styles.refused} role="alert">
            <b>{general.title}</b> {general.text}
          </p>
        ) : null}
        <Fields form={form} faults={faults} onChange={change} />
      </form>
    </Dialog>
  );
}

function begin(zone: string, language: "es" | "en", month: string | undefined): LaunchForm {
  const form = emptyForm(zone, language);
  return month && monthChoices(zone).includes(month) ? { ...form, month } : form;
}

/** Not the first button: its tooltip would open, and Esc would close that instead of the form. */
function focusForm(form: HTMLFormElement | null) {
  form?.focus({ preventScroll: true });
}

function focusFirstFault() {
  // After the faults are drawn.
  requestAnimationFrame(() => {
    document.getElementById(FORM)?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  });
}

interface FieldsProps {
  form: LaunchForm;
  faults: LaunchFaults;
  onChange: (change: Partial<LaunchForm>) => void;
}

function Fields({ form, faults, onChange }: FieldsProps) {
  const t = useT();
  const format = useFormat();
  const say = (fault: LaunchFault | undefined) => {
    if (!fault) return undefined;
    if (fault.code === "server") return fault.text;
    return t(`planner.fault.${fault.code}`, "max" in fault ? { max: fault.max } : {});
  };
  const said = Object.fromEntries(FIELDS.map((field) => [field, say(faults[field])]));
  return (
    <>
      <div className={styles.pair}>
        <Field label={t("planner.form.month")} error={said["month"]}>
          <Select
            value={form.month}
            options={monthChoices(format.zone).map((value) => ({ value, label: format.month(value) }))}
            onValue={(month) => {
              onChange({ month });
            }}
          />
        </Field>
        <Field label={t("planner.form.language")} error={said["language"]}>
          <Select
            value={form.language}
            options={(["es", "en"] as const).map((value) => ({ value, label: t(`planner.language.${value}`) }))}
            onValue={(language) => {
              onChange({ language: language as "es" | "en" });
            }}
          />
        </Field>
      </div>
      <Field
        label={t("planner.form.themes")}
        hint={t("planner.form.themes.hint")}
        error={said["themes"]}
        aside={<Counter used={form.themes.length} max={MAX_THEMES} />}
      >
        <ChipInput
          values={form.themes}
          commaAdds={false}
          placeholder={t("planner.form.themes.placeholder")}
          invalid={form.themes.flatMap((theme, at) => (length(theme) > MAX_THEME || at >= MAX_THEMES ? [at] : []))}
          onChange={(themes) => {
            onChange({ themes });
          }}
        />
      </Field>
      <ToneField tone={form.tone_of_voice} error={said["tone_of_voice"]} onChange={onChange} />
      <Field group label={t("planner.form.platforms")} hint={t("planner.form.platforms.hint")} error={said["target_platforms"]}>
        <PlatformToggles
          chosen={form.target_platforms}
          onChange={(target_platforms) => {
            onChange({ target_platforms });
          }}
        />
      </Field>
    </>
  );
}

function ToneField(props: { tone: string; error: string | undefined; onChange: FieldsProps["onChange"] }) {
  const { tone, error, onChange } = props;
  const t = useT();
  return (
    <div className={styles.tone}>
      <Field
        label={t("planner.form.tone")}
        error={error}
        aside={<Counter used={length(tone.trim())} max={MAX_TONE} />}
      >
        <TextInput
          value={tone}
          placeholder={t("planner.form.tone.placeholder")}
          onValue={(tone_of_voice) => {
            onChange({ tone_of_voice });
          }}
        />
      </Field>
      <div className={styles.tones} role="group" aria-label={t("planner.form.tone.suggestions")}>
        {TONES.map((name) => {
          const words = t(`planner.form.tone.${name}`);
          return (
            <Toggle
              key={name}
              pressed={tone === words}
              onToggle={(on) => {
                onChange({ tone_of_voice: on ? words : "" });
              }}
            >
              {words}
            </Toggle>
          );
        })}
      </div>
    </div>
  );
}

/** Who will write, and what that costs. */
function CostNote() {
  const t = useT();
  const format = useFormat();
  const { data } = useSWR<Engine, unknown>(ENGINE);
  if (!data) return <span className={styles.cost} />;
  const cost = data.cost_per_campaign_usd;
  const told =
    cost === null ? t("planner.cost.unknown") : cost === 0 ? t("planner.cost.free") : t("planner.cost.amount", { cost: format.usd(cost) });
  return (
    <span className={styles.cost}>
      {t(`planner.engine.${data.engine}`)}. {told}
    </span>
  );
}
