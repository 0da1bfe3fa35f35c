/** What a job cost in dollars, by what it used, at the prices of a day. */

import { Card } from "../design";
import type { Key, Translate } from "../i18n";
import { useFormat, useT } from "../i18n";
import styles from "./cost.module.css";
import type { JobDetail } from "./shapes";

const UNITS = new Set([
  "lambda_gb_seconds",
  "lambda_requests",
  "sqs_requests",
  "sqs_fifo_requests",
  "socket_messages",
  "http_requests",
  "dynamodb_write_units",
  "dynamodb_read_units",
  "s3_puts",
  "s3_gets",
  "searches",
  "images",
]);

/** A unit by name; tokens are each model's own. */
function unitName(t: Translate, unit: string): string {
  const tokens = /^model_(input|output)_tokens:(.*)$/.exec(unit);
  if (tokens) return t(tokens[1] === "input" ? "job.unit.tokens_in" : "job.unit.tokens_out", { model: tokens[2] ?? "" });
  return UNITS.has(unit) ? t(`job.unit.${unit}` as Key) : unit;
}

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
              <th scope="row">{unitName(t, line.unit)}</th>
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
