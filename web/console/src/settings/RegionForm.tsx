import { useMemo, useState } from "react";
import type { Me } from "../api/types";
import { Button, Card, Field, Select, useNow } from "../design";
import { useFormat, useLanguage, useT } from "../i18n";
import { isLanguage } from "../i18n/language";
import { LANGUAGES, LANGUAGE_NAMES } from "../shell/Preferences";
import styles from "./settings.module.css";
import { useProfile } from "./use_profile";

export function RegionForm({ me }: { me: Me }) {
  const t = useT();
  const format = useFormat();
  const now = useNow(10_000);
  const [spoken, speak] = useLanguage();
  const [language, setLanguage] = useState<string>(spoken);
  const [zone, setZone] = useState(me.time_zone);
  const { busy, errors, save } = useProfile();
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf("timeZone");
    return [...new Set([me.time_zone, "UTC", ...known])].sort().map((name) => ({ value: name, label: name.replaceAll("_", " ") }));
  }, [me.time_zone]);
  const changed = language !== spoken || zone !== me.time_zone;

  const submit = async (): Promise<void> => {
    if (!isLanguage(language)) return;
    if ((await save({ language, time_zone: zone })) && language !== spoken) speak(language, true);
  };
  return (
    <Card title={t("settings.region")}>
      <form
        className={styles["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && changed) void submit();
        }}
      >
        <Field label={t("settings.language")} error={errors["language"]}>
          <Select value={language} onValue={setLanguage} options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))} />
        </Field>
        <Field
          label={t("settings.zone")}
          hint={t("settings.zone.hint", { time: format.time(now) })}
          error={errors["time_zone"]}
        >
          <Select value={zone} onValue={setZone} options={zones} />
        </Field>
        <div className={styles["foot"]}>
          <Button type="submit" variant="primary" busy={busy} disabled={!changed}>
            {t("settings.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
