/** Signing in and registering, and the demo clients of a platform that runs on this machine. */

import { postOpenly } from "../api/client";
import { problemOf, unreachable } from "../api/problem";
import { keepTokens } from "../api/tokens";
import type { Language, Tokens } from "../api/types";
import type { AccountForm } from "./validate";

export async function signIn(email: string, password: string): Promise<void> {
  const response = await fetch("/api/v1/auth/token", {
    method: "POST",
    body: new URLSearchParams({ grant_type: "password", username: email.trim(), password }),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  keepTokens((await response.json()) as Tokens);
}

export async function register(form: AccountForm, language: Language): Promise<void> {
  const body = { email: form.email.trim(), password: form.password, full_name: form.full_name.trim(), language };
  await postOpenly("/auth/register", body);
  await signIn(form.email, form.password);
}

export interface DemoClient {
  email: string;
  password: string;
  full_name: string;
  plan_tier: string;
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** None where the platform is deployed: only a loopback address is asked. */
export async function demoClients(): Promise<DemoClient[]> {
  if (!LOOPBACK.has(location.hostname)) return [];
  try {
    const response = await fetch("/_local/demo.json");
    if (!response.ok || !response.headers.get("Content-Type")?.includes("json")) return [];
    const given = (await response.json()) as { clients?: Partial<DemoClient>[]; password?: string };
    return (given.clients ?? []).flatMap(({ email, password = given.password, full_name, plan_tier }) =>
      email && password ? [{ email, password, full_name: full_name ?? email, plan_tier: plan_tier ?? "" }] : [],
    );
  } catch {
    return [];
  }
}
