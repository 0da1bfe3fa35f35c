/** Sign in and register. Shown in place of whatever was asked for, so that the address, and the place, stay. */

import type { SyntheticEvent } from "react";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { isProblem } from "../api/problem";
import { Button, Field, PasswordInput, RequestId, TextInput, useExplain } from "../design";
import { useLanguage, useT } from "../i18n";
import { Brand } from "../shell/Brand";
import { LanguageMenu, ThemeMenu } from "../shell/Preferences";
import { register, signIn } from "./account";
import styles from "./auth.module.css";
import { DemoClients } from "./DemoClients";
import type { AccountFault, AccountFaults, AccountField, AccountForm } from "./validate";
import { validateAccount } from "./validate";

const EMPTY: AccountForm = { full_name: "", email: "", password: "" };
const FIELDS: readonly AccountField[] = ["full_name", "email", "password"];

function faultsOf(error: unknown): AccountFaults {
  if (!isProblem(error)) return {};
  const given = error.byField();
  return Object.fromEntries(FIELDS.flatMap((name) => (given[name] ? [[name, { code: "server", text: given[name] }]] : [])));
}

function useWords(): (fault: AccountFault | undefined) => string | undefined {
  const t = useT();
  return (fault) => {
    if (!fault) return undefined;
    if (fault.code === "server") return fault.text;
    return fault.code === "password" ? t("auth.fault.password", { n: fault.n }) : t(`auth.fault.${fault.code}`);
  };
}

export function AccountScreen() {
  const { pathname } = useLocation();
  const isNew = pathname === "/register";
  const t = useT();
  const title = t(isNew ? "auth.register.title" : "auth.sign_in.title");
  useEffect(() => {
    document.title = `${title} · B.A.I.`;
  }, [title]);
  const cameBack = !isNew && pathname !== "/" && pathname !== "/sign-in";
  return (
    <div className={styles["screen"]}>
      <div className={styles["bar"]}>
        <LanguageMenu />
        <ThemeMenu />
      </div>
      <main className={styles["column"]}>
        <div className={styles["brand"]}>
          <Brand />
        </div>
        <h1 className={styles["title"]}>{title}</h1>
        <p className={styles["claim"]}>{t(cameBack ? "auth.back_here" : "auth.claim")}</p>
        <AccountForms isNew={isNew} />
        <p className={styles["other"]}>
          {t(isNew ? "auth.have_account" : "auth.no_account")}{" "}
          <Link to={isNew ? "/sign-in" : "/register"}>{t(isNew ? "auth.sign_in" : "auth.register")}</Link>
        </p>
        <DemoClients />
      </main>
    </div>
  );
}

function AccountForms({ isNew }: { isNew: boolean }) {
  const t = useT();
  const words = useWords();
  const [language] = useLanguage();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [form, setForm] = useState(EMPTY);
  const [faults, setFaults] = useState<AccountFaults>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const set = (name: AccountField) => (value: string) => {
    setForm((now) => ({ ...now, [name]: value }));
    setFaults((now) => ({ ...now, [name]: undefined }));
  };
  const submit = async (): Promise<void> => {
    const found = validateAccount(form, isNew);
    setFaults(found);
    setFailure(null);
    const first = FIELDS.find((name) => found[name]);
    if (first) {
      document.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      return;
    }
    setBusy(true);
    try {
      await (isNew ? register(form, language) : signIn(form.email, form.password));
      if (pathname === "/register" || pathname === "/sign-in") await navigate("/", { replace: true });
    } catch (error) {
      setFaults(faultsOf(error));
      setFailure(error);
      setBusy(false);
    }
  };

  return (
    <form
      className={styles["form"]}
      noValidate
      onSubmit={(event: SyntheticEvent) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      {isNew && (
        <Field label={t("auth.name")} error={words(faults.full_name)}>
          <TextInput name="full_name" autoComplete="name" maxLength={200} value={form.full_name} onValue={set("full_name")} />
        </Field>
      )}
      <Field label={t("auth.email")} error={words(faults.email)}>
        <TextInput
          name="email"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={form.email}
          onValue={set("email")}
        />
      </Field>
      <Field label={t("auth.password")} hint={isNew ? t("auth.password.hint") : undefined} error={words(faults.password)}>
        <PasswordInput
          name="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          value={form.password}
          onValue={set("password")}
        />
      </Field>
      <Failure error={failure} faults={faults} />
      <Button variant="primary" type="submit" block busy={busy}>
        {t(isNew ? "auth.register" : "auth.sign_in")}
      </Button>
    </form>
  );
}

function Failure({ error, faults }: { error: unknown; faults: AccountFaults }) {
  const t = useT();
  const explain = useExplain();
  if (!error || FIELDS.some((name) => faults[name])) return null;
  const code = isProblem(error) ? error.code : "";
  const text = code === "unauthenticated" ? t("auth.wrong") : code === "email_taken" ? t("auth.taken") : explain(error).text;
  return (
    <div className={styles["fault"]} role="alert">
      {text}
      {code !== "unauthenticated" && code !== "email_taken" && <RequestId problem={error} />}
    </div>
  );
}
