import { useState } from "react";
import type { Me } from "../api/types";
import { Button, Card, Field, TextInput } from "../design";
import { useT } from "../i18n";
import styles from "./settings.module.css";
import { useProfile } from "./use_profile";

export function ProfileForm({ me }: { me: Me }) {
  const t = useT();
  const [name, setName] = useState(me.full_name);
  const [fault, setFault] = useState<string | null>(null);
  const { busy, errors, save } = useProfile();
  const changed = name.trim() !== me.full_name;
  const submit = (): void => {
    const size = [...name.trim()].length;
    setFault(size < 1 || size > 200 ? t("settings.fault.name") : null);
    if (size >= 1 && size <= 200) void save({ full_name: name.trim() });
  };
  return (
    <Card title={t("settings.profile")}>
      <form
        className={styles["form"]}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && changed) submit();
        }}
      >
        <Field label={t("settings.name")} error={fault ?? errors["full_name"]}>
          <TextInput
            autoComplete="name"
            value={name}
            onValue={(value) => {
              setName(value);
              setFault(null);
            }}
          />
        </Field>
        <Field label={t("settings.email")} hint={t("settings.email.hint")}>
          <TextInput value={me.email} readOnly />
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
