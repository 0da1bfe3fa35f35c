/** What the campaign was asked to be, and who writes it. */

import { Info } from "lucide-react";
import type { ReactNode } from "react";
import type { Campaign } from "../api/types";
import { Card, Time } from "../design";
import { useT } from "../i18n";
import { PlatformIcon } from "./PlatformIcon";
import styles from "./campaign.module.css";
import { platformOf } from "./platforms";

const IN_REVIEW = ["review_ready", "changes_requested"];

export function Brief({ campaign }: { campaign: Campaign }) {
  const t = useT();
  return (
    <Card title={t("planner.campaign.brief")} className={styles.brief}>
      <dl className={styles.facts}>
        <Fact name={t("planner.campaign.themes")}>
          <ul className={styles.themes}>
            {campaign.themes.map((theme) => (
              <li key={theme}>{theme}</li>
            ))}
          </ul>
        </Fact>
        <Fact name={t("planner.campaign.tone")}>{campaign.tone_of_voice}</Fact>
        <Fact name={t("planner.campaign.platforms")}>
          <ul className={styles.platforms}>
            {campaign.target_platforms.map((platform) => (
              <li key={platform}>
                <PlatformIcon platform={platform} size={16} /> {platformOf(platform).name}
              </li>
            ))}
          </ul>
        </Fact>
        <Fact name={t("planner.campaign.language")}>{t(`planner.language.${campaign.language}`)}</Fact>
        {IN_REVIEW.includes(campaign.status) ? (
          <Fact name={t("planner.campaign.deadline")}>
            <Time when={campaign.deadline_at} as="date" />
          </Fact>
        ) : null}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function EngineMark({ engine }: { engine: Campaign["engine"] }) {
  const t = useT();
  return (
    <p className={styles.engine}>
      <Info size={14} aria-hidden />
      <span>
        {t(`planner.engine.${engine}`)}
        {engine === "template" ? `. ${t("planner.engine.template.hint")}` : "."}
      </span>
    </p>
  );
}
