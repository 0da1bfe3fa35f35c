import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { Spinner, toast, useExplain } from "../design";
import { useT } from "../i18n";
import { PlanBadge } from "../billing/PlanBadge";
import type { DemoClient } from "./account";
import { demoClients, signIn } from "./account";
import styles from "./auth.module.css";

/** One click instead of a form, where the platform runs on this machine. */
export function DemoClients() {
  const t = useT();
  const explain = useExplain();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [clients, setClients] = useState<DemoClient[]>([]);
  const [busy, setBusy] = useState<string | null>(null);
  useEffect(() => {
    void demoClients().then(setClients);
  }, []);
  if (clients.length === 0) return null;

  const enter = async ({ email, password }: DemoClient): Promise<void> => {
    setBusy(email);
    try {
      await signIn(email, password);
      if (pathname === "/register" || pathname === "/sign-in") await navigate("/", { replace: true });
    } catch (error) {
      setBusy(null);
      toast({ tone: "red", ...explain(error) });
    }
  };
  return (
    <section className={styles["demo"]}>
      <h2>{t("auth.demo.title")}</h2>
      <p>{t("auth.demo.text")}</p>
      <div className={styles["clients"]}>
        {clients.map((client) => (
          <button
            key={client.email}
            type="button"
            className={styles["client"]}
            aria-busy={busy === client.email}
            onClick={() => {
              if (busy === null) void enter(client);
            }}
          >
            <span className={styles["who"]}>
              <span>{client.full_name}</span>
              <span>{client.email}</span>
            </span>
            {busy === client.email ? <Spinner /> : <PlanBadge plan={client.plan_tier} />}
          </button>
        ))}
      </div>
    </section>
  );
}
