/** The frame of a screen and the cards on it. */

import { ArrowLeft } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { useEffect } from "react";
import { Link } from "react-router";
import { cx } from "./cx";
import styles from "./page.module.css";

export interface PageProps {
  title: ReactNode;
  /** For the window's title, when `title` is no text. */
  name?: string;
  text?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  width?: "full" | "narrow";
  children: ReactNode;
}

export function Page({ title, name, text, actions, back, width, children }: PageProps) {
  const windowTitle = name ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = windowTitle ? `${windowTitle} · B.A.I.` : "B.A.I.";
  }, [windowTitle]);
  return (
    <div className={cx(styles["page"], width && styles[width])}>
      <header className={styles["head"]}>
        <div className={styles["titles"]}>
          {back && (
            <Link className={styles["back"]} to={back.to}>
              <ArrowLeft aria-hidden="true" />
              {back.label}
            </Link>
          )}
          <h1 className={title === "" ? "visually-hidden" : styles["title"]} tabIndex={-1}>
            {title === "" ? name : title}
          </h1>
          {text && <p className={styles["text"]}>{text}</p>}
        </div>
        {actions && <div className={styles["actions"]}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export interface CardProps extends Omit<ComponentProps<"section">, "title"> {
  title?: ReactNode;
  actions?: ReactNode;
  /** Without padding, for a list or table that fills it. */
  bare?: boolean;
}

export function Card({ title, actions, bare = false, className, children, ...rest }: CardProps) {
  return (
    <section {...rest} className={cx(styles["card"], className)}>
      {(title ?? actions) && (
        <div className={styles["cardHead"]}>
          <h2 className={styles["cardTitle"]}>{title}</h2>
          {actions}
        </div>
      )}
      {bare ? children : <div className={styles["cardBody"]}>{children}</div>}
    </section>
  );
}
