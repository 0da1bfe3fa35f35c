/** A piece in full: as its platform may show it, beside what can be done with it. */

import { Check, ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Campaign, Piece } from "../api/types";
import { Badge, Button, ConfirmDialog, IconButton, SidePanel, Tabs, useExplain } from "../design";
import { useFormat, useT } from "../i18n";
import { useMe } from "../shell/session";
import { ConflictNote } from "./ConflictNote";
import { Findings, findingsOf } from "./Findings";
import { EditorFoot, PieceEditor } from "./PieceEditor";
import { PlatformIcon } from "./PlatformIcon";
import { RewriteForm } from "./RewriteForm";
import { VersionsList } from "./VersionsList";
import { pieceName } from "./names";
import styles from "./panel.module.css";
import { platformOf } from "./platforms";
import { Preview } from "./preview/Preview";
import type { Previewed } from "./preview/previewed";
import { acts, useActing } from "./use_acts";
import type { Acting } from "./use_acts";
import { useEditing } from "./use_editing";
import type { Editing } from "./use_editing";
import { useWide } from "./use_wide";

export interface PiecePanelProps {
  campaign: Campaign;
  piece: Piece;
  onClose: () => void;
  onOpen: (pieceId: string) => void;
}

export function PiecePanel(props: PiecePanelProps) {
  const { campaign, piece, onClose, onOpen } = props;
  const t = useT();
  const { zone } = useFormat();
  const editing = useEditing(piece, campaign.month, zone);
  const [leaving, setLeaving] = useState<{ then: () => void } | null>(null);
  const leave = (then: () => void) => {
    if (editing.isDirty) setLeaving({ then });
    else then();
  };
  return (
    <SidePanel
      open
      wide
      onClose={() => {
        leave(onClose);
      }}
      title={<PanelTitle {...props} leave={leave} onOpen={onOpen} />}
      footer={<PanelFoot campaign={campaign} piece={piece} editing={editing} />}
    >
      <PanelBody campaign={campaign} piece={piece} editing={editing} />
      <ConfirmDialog
        open={leaving !== null}
        title={t("planner.edit.leave.title")}
        text={t("planner.edit.leave.text")}
        confirmLabel={t("planner.edit.leave.yes")}
        onClose={() => {
          setLeaving(null);
        }}
        onConfirm={() => {
          setLeaving(null);
          leaving?.then();
        }}
      />
    </SidePanel>
  );
}

function PanelTitle(props: PiecePanelProps & { leave: (then: () => void) => void }) {
  const { campaign, piece, onOpen, leave } = props;
  const t = useT();
  const at = campaign.pieces.findIndex((other) => other.id === piece.id);
  const go = (step: number) => {
    const to = campaign.pieces[at + step];
    if (to) {
      leave(() => {
        onOpen(to.id);
      });
    }
  };
  return (
    <span className={styles.title}>
      <PlatformIcon platform={piece.platform} size={22} />
      <span className={styles.name}>
        {pieceName(t, piece)} · {platformOf(piece.platform).name}
      </span>
      <span className={styles.version}>
        <Badge>{t("planner.panel.version", { n: piece.version })}</Badge>
      </span>
      <span className={styles.walk}>
        <IconButton
          size="sm"
          label={t("planner.review.previous")}
          icon={<ChevronLeft />}
          disabled={at <= 0}
          onClick={() => {
            go(-1);
          }}
        />
        <IconButton
          size="sm"
          label={t("planner.review.next")}
          icon={<ChevronRight />}
          disabled={at >= campaign.pieces.length - 1}
          onClick={() => {
            go(1);
          }}
        />
      </span>
    </span>
  );
}

function PanelBody({ campaign, piece, editing }: { campaign: Campaign; piece: Piece; editing: Editing }) {
  const t = useT();
  const format = useFormat();
  const { data: me } = useMe();
  const wide = useWide();
  const review = canReview(campaign);
  const open = review || campaign.status === "approved";
  const [tab, setTab] = useState<string>(wide && open ? "edit" : "preview");
  const { draft } = editing;
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Not the first button: its tooltip would open, and Esc would close that instead of the panel.
    body.current?.focus();
  }, []);
  const shown: Previewed = { ...piece, ...draft, author: me?.full_name ?? "B.A.I.", when: format.day(piece.scheduled_for) };
  const preview = (
    <div className={styles.preview}>
      <Preview piece={shown} />
      {open ? null : <Findings findings={findingsOf(piece)} />}
    </div>
  );
  const busy = piece.status === "regenerating";
  const edit = busy ? (
    <p className={styles.waiting} role="status">
      {t("planner.panel.regenerating")}
    </p>
  ) : (
    <>
      <ConflictNote editing={editing} />
      <PieceEditor piece={piece} month={campaign.month} editing={editing} timeOnly={!review} />
    </>
  );
  const showPreview = () => {
    setTab(wide ? "edit" : "preview");
  };
  const tabs = [
    ...(wide ? [] : [{ id: "preview", label: t("planner.panel.preview"), content: preview }]),
    ...(open ? [{ id: "edit", label: t("planner.panel.edit"), content: edit }] : []),
    ...(review && !busy
      ? [{ id: "rewrite", label: t("planner.panel.rewrite"), content: <RewriteForm piece={piece} onSent={showPreview} /> }]
      : []),
    {
      id: "versions",
      label: t("planner.panel.versions"),
      count: piece.version,
      content: <VersionsList piece={piece} canRestore={review && !busy} />,
    },
  ];
  const value = tabs.some(({ id }) => id === tab) ? tab : (tabs[0]?.id ?? "");
  return (
    <div className={styles.body} ref={body} tabIndex={-1}>
      {wide ? preview : null}
      <div className={styles.work}>
        {open ? null : <p className={styles.readonly}>{t("planner.panel.readonly")}</p>}
        <Tabs label={pieceName(t, piece)} tabs={tabs} value={value} onValue={setTab} />
      </div>
    </div>
  );
}

function canReview(campaign: Campaign): boolean {
  return campaign.status === "review_ready" || campaign.status === "changes_requested";
}

function PanelFoot({ campaign, piece, editing }: { campaign: Campaign; piece: Piece; editing: Editing }) {
  const t = useT();
  const explain = useExplain();
  const acting = useActing();
  const [saved, setSaved] = useState<string | null>(null);
  const review = canReview(campaign);
  if (!review && campaign.status !== "approved") return null;
  if (editing.isDirty) {
    const onSaved = ({ version }: Piece) => {
      setSaved(version === piece.version ? t("planner.edit.moved") : t("planner.edit.saved", { n: version }));
    };
    return <EditorFoot editing={editing} onSaved={onSaved} />;
  }
  const errors = acting.problem?.errors.map(({ msg }) => msg).join(" ");
  const refused = acting.problem ? errors || explain(acting.problem).text : null;
  return (
    <div className={styles.foot}>
      <span role="status" data-tone={refused ? "red" : undefined}>
        {refused ?? saved}
      </span>
      {review ? <ApproveButton piece={piece} acting={acting} /> : null}
    </div>
  );
}

function ApproveButton({ piece, acting }: { piece: Piece; acting: Acting }) {
  const t = useT();
  return (
    <Button
      variant="primary"
      icon={<Check size={15} aria-hidden />}
      busy={acting.busy !== null}
      disabled={piece.status === "approved" || piece.status === "regenerating"}
      onClick={() => void acting.run("approve", () => acts.approvePiece(piece))}
    >
      {t(piece.status === "approved" ? "planner.piece.status.approved" : "planner.review.approve")}
    </Button>
  );
}
