/** Every version of a piece, what changed in each, and the way back. */

import { RotateCcw } from "lucide-react";
import { useState } from "react";
import useSWR from "swr";
import { api } from "../api/client";
import type { Piece, Version, Versions } from "../api/types";
import { Badge, Button, ErrorState, Loading, RelativeTime, Skeleton, useExplain } from "../design";
import { useT } from "../i18n";
import { pieceKey } from "./keys";
import { renderedText } from "./platforms";
import { diffWords } from "./text_diff";
import { acts, useActing } from "./use_acts";
import styles from "./versions.module.css";

export function VersionsList({ piece, canRestore }: { piece: Piece; canRestore: boolean }) {
  // The version is part of the key: a new version is a new list, fetched when it is looked at.
  const key = [`${pieceKey(piece)}/versions`, piece.version] as const;
  const { data, error, mutate } = useSWR<Versions, unknown>(key, ([path]: typeof key) => api.get<Versions>(path), {
    keepPreviousData: true,
  });
  if (error && !data) return <ErrorState problem={error} retry={() => void mutate()} />;
  if (!data) {
    return (
      <Loading>
        <div className={styles.list}>
          <Skeleton height={88} radius={8} />
          <Skeleton height={88} radius={8} />
        </div>
      </Loading>
    );
  }
  return (
    <ol className={styles.list}>
      {data.items.map((version, index) => (
        <VersionRow
          key={version.version}
          piece={piece}
          version={version}
          before={data.items[index + 1]}
          canRestore={canRestore && version.version !== piece.version}
        />
      ))}
    </ol>
  );
}

function VersionRow(props: { piece: Piece; version: Version; before: Version | undefined; canRestore: boolean }) {
  const { piece, version, before, canRestore } = props;
  const t = useT();
  const explain = useExplain();
  const acting = useActing();
  const [restored, setRestored] = useState<number | null>(null);
  const restore = async () => {
    const answer = await acting.run("restore", () => acts.restoreVersion(piece, version.version));
    if (answer) setRestored(answer.version);
  };
  return (
    <li className={styles.version} data-version={version.version}>
      <div className={styles.head}>
        <b>{t("planner.panel.version", { n: version.version })}</b>
        <span>
          {t(`planner.versions.author.${version.author}`)} · <RelativeTime when={version.created_at} />
        </span>
        {version.version === piece.version ? <Badge tone="accent">{t("planner.versions.current")}</Badge> : null}
      </div>
      {version.instruction ? (
        <p className={styles.instruction}>
          {t("planner.versions.instruction")}: “{version.instruction}”
        </p>
      ) : null}
      <p className={styles.with}>
        {before ? t("planner.versions.diff", { n: before.version }) : t("planner.versions.first")}
      </p>
      <Difference before={before} version={version} />
      {acting.problem ? <p role="alert">{explain(acting.problem).text}</p> : null}
      {restored ? (
        <p role="status">{t("planner.versions.restored", { n: version.version, new: restored })}</p>
      ) : null}
      {canRestore ? (
        <Button
          size="sm"
          icon={<RotateCcw size={14} aria-hidden />}
          busy={acting.busy !== null}
          onClick={() => void restore()}
        >
          {t("planner.versions.restore")}
        </Button>
      ) : null}
    </li>
  );
}

function wholeText(version: Version): string {
  const script = version.script;
  const shots = script?.shots.map((shot) => `${String(shot.seconds)} s — ${shot.visual} — ${shot.voice ?? ""}`) ?? [];
  const spoken = script ? [script.hook, ...shots, script.caption].join("\n") : "";
  return [renderedText(version.text, version.hashtags), version.media_brief, spoken].filter(Boolean).join("\n\n");
}

function Difference({ before, version }: { before: Version | undefined; version: Version }) {
  const t = useT();
  if (!before) return <p className={styles.text}>{wholeText(version)}</p>;
  const parts = diffWords(wholeText(before), wholeText(version));
  if (parts.every(({ kind }) => kind === "same")) return <p className={styles.with}>{t("planner.versions.same")}</p>;
  return (
    <p className={styles.text}>
      {parts.map(({ kind, text }, index) => {
        if (kind === "same") return <span key={index}>{text}</span>;
        const Tag = kind === "added" ? "ins" : "del";
        return <Tag key={index}>{text}</Tag>;
      })}
    </p>
  );
}
