/** What the platform would refuse or what is worth a second look, in the reader's language. */

import { CircleAlert, TriangleAlert } from "lucide-react";
import type { Piece } from "../api/types";
import { useFormat, useT } from "../i18n";
import type { Key } from "../i18n";
import styles from "./findings.module.css";
import { checkPiece } from "./piece_check";
import type { Finding } from "./piece_check";

export function findingsOf(piece: Piece): Finding[] {
  const script = piece.script
    ? { ...piece.script, shots: piece.script.shots.map((shot) => ({ ...shot, voice: shot.voice ?? "" })) }
    : null;
  return checkPiece({ ...piece, script });
}

export function useFindingText(): (finding: Finding) => string {
  const t = useT();
  const format = useFormat();
  return ({ code, params }) => {
    const told = Object.entries(params).map(([name, value]) => [
      name,
      typeof value === "number" ? format.number(value) : value,
    ]);
    return t(`planner.finding.${code}` as Key, Object.fromEntries(told) as Record<string, string>);
  };
}

export function Findings({ findings }: { findings: readonly Finding[] }) {
  const say = useFindingText();
  if (findings.length === 0) return null;
  return (
    <ul className={styles.list}>
      {findings.map((finding, index) => {
        const Icon = finding.level === "error" ? CircleAlert : TriangleAlert;
        return (
          <li key={`${finding.code}-${String(index)}`} data-level={finding.level}>
            <Icon size={14} aria-hidden />
            {say(finding)}
          </li>
        );
      })}
    </ul>
  );
}
