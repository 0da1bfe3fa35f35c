/** What the API would say about the sign-in and register forms, said before asking it. */

export interface AccountForm {
  full_name: string;
  email: string;
  password: string;
}

export type AccountField = keyof AccountForm;
export type AccountFault = { code: "required" } | { code: "email" } | { code: "password"; n: number } | { code: "server"; text: string };
export type AccountFaults = Partial<Record<AccountField, AccountFault>>;

const EMAIL = /^[^@\s<>"(),:;[\]\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

export function validateAccount(form: AccountForm, isNew: boolean): AccountFaults {
  const faults: AccountFaults = {};
  const email = form.email.trim();
  if (!email) faults.email = { code: "required" };
  else if (email.length > 254 || !EMAIL.test(email)) faults.email = { code: "email" };
  const n = [...form.password].length;
  if (n === 0) faults.password = { code: "required" };
  else if (isNew && (n < 10 || n > 128)) faults.password = { code: "password", n };
  const name = form.full_name.trim();
  if (isNew && !name) faults.full_name = { code: "required" };
  return faults;
}
