/** What a job cost in dollars, by what it used, at the prices of a day. */

import { Card } from "../design";
import type { Key } from "../i18n";
import { useFormat, useT } from "../i18n";
import styles from "./cost.module.css";
import type { JobDetail } from "./shapes";

const UNITS = new Set(["lambda_gb_seconds", "lambda_requests", "sqs_requests", "socket_messages", "s3_puts", "searches"]);

export function CostCard({ job }: { job: JobDetail }) {
  const t = useT();
  const format = useFormat();
  const { usd, with_children_usd: whole, lines, prices_as_of } = job.cost;
  if (lines.length === 0 && whole === null) return null;
  const money = (value: number | null): string => (value === null ? t("job.cost.unknown") : format.usd(value));
  return (
    <Card title={t("job.cost")}>
      <table className={styles["cost"]}>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">{t("job.cost.unit")}</th>
            <th scope="col">{t("job.cost.quantity")}</th>
            <th scope="col">{t("job.cost.usd")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.unit}>
              <th scope="row">{UNITS.has(line.unit) ? t(`job.unit.${line.unit}` as Key) : line.unit}</th>
              <td className={styles["quantity"]}>{format.number(line.quantity)}</td>
              <td>{money(line.usd)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t(job.children_total > 0 ? "job.cost.own" : "job.cost.total")}</th>
            <td />
            <td>{money(usd)}</td>
          </tr>
          {job.children_total > 0 && (
            <tr>
              <th scope="row">{t("job.cost.whole")}</th>
              <td />
              <td>{money(whole)}</td>
            </tr>
          )}
        </tfoot>
      </table>
      <p className={styles["date"]}>{t("job.cost.prices", { date: format.date(`${prices_as_of}T12:00:00Z`) })}</p>
    </Card>
  );
}
