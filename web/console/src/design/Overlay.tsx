/** What lies over the page: dialogs, side panels, the question before something destructive. Esc closes each. */

import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { Button, IconButton } from "./Button";
import { cx } from "./cx";
import styles from "./overlay.module.css";

export interface OverlayProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  text?: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  /** Only its content: the title is heard, not seen, and there is no button to close. */
  bare?: boolean;
  children?: ReactNode;
}

function Overlay({ open, onClose, title, text, footer, wide, bare = false, children, kind }: OverlayProps & { kind: "dialog" | "panel" }) {
  return (
    <Radix.Root
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className={styles["scrim"]} />
        <Radix.Content
          className={cx(styles[kind], wide && styles["wide"])}
          {...(text ? {} : { "aria-describedby": undefined })}
        >
          {bare ? (
            <Radix.Title className="visually-hidden">{title}</Radix.Title>
          ) : (
            <Head title={title} text={text} />
          )}
          {children !== undefined && <div className={styles["body"]}>{children}</div>}
          {footer && <div className={styles["foot"]}>{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Head({ title, text }: Pick<OverlayProps, "title" | "text">) {
  const t = useT();
  return (
    <div className={styles["head"]}>
      <div className={styles["titles"]}>
        <Radix.Title className={styles["title"]}>{title}</Radix.Title>
        {text && (
          <Radix.Description asChild>
            <div className={styles["text"]}>{text}</div>
          </Radix.Description>
        )}
      </div>
      <Radix.Close asChild>
        <IconButton label={t("design.close")} size="sm" icon={<X />} />
      </Radix.Close>
    </div>
  );
}

export function Dialog(props: OverlayProps) {
  return <Overlay {...props} kind="dialog" />;
}

export function SidePanel(props: OverlayProps) {
  return <Overlay {...props} kind="panel" />;
}

export interface ConfirmProps {
  open: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: ReactNode;
  text?: ReactNode;
  /** The act itself, as a verb: never "OK". */
  confirmLabel: string;
  tone?: "danger" | "primary";
  busy?: boolean;
  children?: ReactNode;
}

export function ConfirmDialog({ confirmLabel, onConfirm, tone = "danger", busy = false, onClose, ...rest }: ConfirmProps) {
  const t = useT();
  return (
    <Dialog
      {...rest}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("design.keep")}</Button>
          <Button variant={tone} busy={busy} onClick={onConfirm}>
            {confirmLabel}
          </Button>
        </>
      }
    />
  );
}
