import { Card, Field, Toggle } from "../design";
import { useT } from "../i18n";
import { THEME_ICONS } from "../shell/Preferences";
import { THEMES, useTheme } from "../shell/theme";
import styles from "./settings.module.css";

export function AppearanceCard() {
  const t = useT();
  const [theme, setTheme] = useTheme();
  return (
    <Card title={t("settings.appearance")}>
      <Field label={t("settings.theme")} hint={t("settings.theme.hint")} group>
        <div className={styles["choices"]}>
          {THEMES.map((one) => (
            <Toggle
              key={one}
              pressed={one === theme}
              onToggle={() => {
                setTheme(one);
              }}
            >
              {THEME_ICONS[one]}
              {t(`theme.${one}`)}
            </Toggle>
          ))}
        </div>
      </Field>
    </Card>
  );
}
