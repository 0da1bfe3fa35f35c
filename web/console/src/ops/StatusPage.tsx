/** What the platform stands on. The page is fetched once; changes are pushed. */

import { CircleCheck, CircleX, TriangleAlert } from "lucide-react";
import useSWR from "swr";
import type { Dependency, Report } from "../api/types";
import type { Tone } from "../design";
import { Badge, Card, ErrorState, Loading, Page, RelativeTime, Skeleton } from "../design";
import { useFormat, useT } from "../i18n";
import { useConnection } from "../realtime/use_connection";
import { readDetail } from "./details";
import { REPORT } from "./live";
import styles from "./status.module.css";

const ICONS = { ok: CircleCheck, degraded: TriangleAlert, down: CircleX };
const TONES: Record<Dependency["status"], Tone> = { ok: "green", degraded: "amber", down: "red", off: "grey" };

export default function StatusPage() {
  const t = useT();
  const { data: report, error, mutate } = useSWR<Report, unknown>(REPORT);
  return (
    <Page title={t("status.title")} text={t("status.text")} width="narrow">
      {report ? <Shown report={report} /> : error ? <ErrorState problem={error} retry={() => void mutate()} /> : <Waits />}
      <Own />
    </Page>
  );
}

function Shown({ report }: { report: Report }) {
  const t = useT();
  const Icon = ICONS[report.status];
  return (
    <>
      <section className={styles["verdict"]} data-status={report.status} aria-live="polite">
        <Icon aria-hidden="true" />
        <div>
          <h2>{t(`status.${report.status}`)}</h2>
          <p>{t(`status.${report.status}.text`)}</p>
        </div>
        <span className={styles["checked"]}>
          {t("status.checked")} <RelativeTime when={report.checked_at} />
        </span>
      </section>
      <Card title={t("status.parts")} bare>
        <ul>
          {report.deps.map((part) => (
            <Part key={part.name} part={part} />
          ))}
        </ul>
      </Card>
    </>
  );
}

function Part({ part }: { part: Dependency }) {
  const t = useT();
  const format = useFormat();
  const detail = readDetail(part.detail);
  return (
    <li className={styles["part"]}>
      <div className={styles["name"]}>
        <span>{t(`status.part.${part.name}`)}</span>
        <span>{detail ? t(detail.key, detail.params) : part.detail}</span>
      </div>
      {part.latency_ms !== null && part.latency_ms > 0 && (
        <span className={styles["ms"]}>{t("status.ms", { n: format.number(Math.round(part.latency_ms * 10) / 10) })}</span>
      )}
      <Badge tone={TONES[part.status]} dot>
        {t(`status.state.${part.status}`)}
      </Badge>
    </li>
  );
}

function Own() {
  const t = useT();
  const { state, lastSeq } = useConnection();
  const tone: Tone = state === "live" ? "green" : state === "connecting" ? "amber" : "red";
  return (
    <Card className={styles["own"]} title={t("status.your_connection")} bare>
      <div className={styles["part"]}>
        <div className={styles["name"]}>
          <span>{t("status.connection")}</span>
          <span>{t(`status.connection.${state}`, { n: lastSeq ?? 0 })}</span>
        </div>
        <Badge tone={tone} dot>
          {t(`live.${state}`)}
        </Badge>
      </div>
    </Card>
  );
}

function Waits() {
  return (
    <Loading>
      <Skeleton height={76} radius={10} />
      <div className={styles["gap"]} />
      <Skeleton height={250} radius={10} />
    </Loading>
  );
}
