/** Plan, usage of the month, connection, language, theme, account. */

import { LogOut, Search, Settings } from "lucide-react";
import { useNavigate } from "react-router";
import { PlanBadge } from "../billing/PlanBadge";
import { Badge, Kbd, Menu, Skeleton, Tooltip } from "../design";
import { useFormat, useT } from "../i18n";
import { useConnection } from "../realtime/use_connection";
import { LanguageMenu, ThemeMenu } from "./Preferences";
import { signOut, useFeature, useMe } from "./session";
import styles from "./shell.module.css";

const COMMAND = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

export function TopBar({ onPalette }: { onPalette: () => void }) {
  const t = useT();
  return (
    <header className={styles["bar"]}>
      <button type="button" className={styles["search"]} onClick={onPalette} aria-keyshortcuts="Meta+K Control+K">
        <Search aria-hidden="true" />
        <span>{t("bar.search")}</span>
        <span className={styles["keys"]} aria-hidden="true">
          <Kbd>{COMMAND}</Kbd>
        </span>
      </button>
      <div className={styles["gap"]} />
      <UsageOfMonth />
      <Plan />
      <ConnectionSign />
      <LanguageMenu />
      <ThemeMenu />
      <AccountMenu />
    </header>
  );
}

function UsageOfMonth() {
  const t = useT();
  const format = useFormat();
  const { data: me } = useMe();
  const planner = useFeature("ai_content_generation");
  if (!me) return <Skeleton width={120} height={14} />;
  const { campaigns, chats, month } = me.usage;
  const chatsText =
    chats.limit === null
      ? format.number(chats.used)
      : t("usage.of", { used: format.number(chats.used), limit: format.number(chats.limit) });
  return (
    <Tooltip label={`${format.month(month)} · ${t("usage.resets", { when: format.relative(chats.resets_at) })}`}>
      <span className={styles["usage"]}>
        {planner.allowed && (
          <span>
            {t("usage.campaigns")} {format.number(campaigns.used)}
          </span>
        )}
        <span>
          {t("usage.chats")} {chatsText}
        </span>
      </span>
    </Tooltip>
  );
}

function Plan() {
  const t = useT();
  const { data: me } = useMe();
  if (!me) return <Skeleton width={64} height={20} radius={10} />;
  return (
    <>
      <PlanBadge plan={me.plan_tier} />
      {me.subscription_status !== "active" && <Badge tone="amber">{t(`plan.${me.subscription_status}`)}</Badge>}
    </>
  );
}

function ConnectionSign() {
  const t = useT();
  const { state } = useConnection();
  return (
    <Tooltip label={`${t(`live.${state}`)}. ${t(state === "live" ? "live.live.hint" : "live.offline.hint")}`}>
      <span className={styles["live"]} data-state={state} data-testid="connection" role="status" aria-label={t(`live.${state}`)}>
        <i aria-hidden="true" />
        <span aria-hidden="true">{t(`live.${state}`)}</span>
      </span>
    </Tooltip>
  );
}

function AccountMenu() {
  const t = useT();
  const navigate = useNavigate();
  const { data: me } = useMe();
  const name = me?.full_name ?? "";
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join("");
  return (
    <Menu
      label={me ? `${name} · ${me.email}` : undefined}
      trigger={
        <button type="button" className={styles["avatar"]}>
          <span aria-hidden="true">{initials}</span>
          <span className="visually-hidden">{t("bar.account", { name })}</span>
        </button>
      }
      entries={[
        { id: "settings", label: t("nav.settings"), icon: <Settings />, onSelect: () => void navigate("/settings") },
        "rule",
        { id: "out", label: t("bar.sign_out"), icon: <LogOut />, onSelect: signOut },
      ]}
    />
  );
}
