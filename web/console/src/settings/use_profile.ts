import { useState } from "react";
import { mutate } from "swr";
import { api, isProblem } from "../api/client";
import type { Me } from "../api/types";
import { toast, useExplain } from "../design";
import { useT } from "../i18n";
import { ME } from "../shell/session";

export type Profile = Partial<Pick<Me, "full_name" | "language" | "time_zone">>;

/** Saves a part of the account; what the API says is wrong comes back by field. */
export function useProfile(): { busy: boolean; errors: Record<string, string>; save: (profile: Profile) => Promise<boolean> } {
  const t = useT();
  const explain = useExplain();
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = async (profile: Profile): Promise<boolean> => {
    setBusy(true);
    setErrors({});
    try {
      await mutate(ME, await api.patch<Me>(ME, profile), { revalidate: false });
      toast({ id: "settings", tone: "green", title: t("settings.saved") });
      return true;
    } catch (error) {
      const fields = isProblem(error) ? error.byField() : {};
      setErrors(fields);
      if (Object.keys(fields).length === 0) toast({ tone: "red", ...explain(error) });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, errors, save };
}
