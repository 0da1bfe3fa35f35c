/** Who is signed in and what their plan opens. */

import { useSyncExternalStore } from "react";
import type { SWRResponse } from "swr";
import useSWR from "swr";
import { postOpenly } from "../api/client";
import { dropTokens, isSignedIn, onSession, refreshToken } from "../api/tokens";
import type { Me, PlanTier } from "../api/types";
import { forgetAll } from "../realtime/cache";
import { closeLive, openLive } from "../realtime/live_connection";

export const ME = "/auth/me";

/** The socket opens with the session, before any screen asks for data. */
export function followSession(): void {
  const follow = (): void => {
    if (isSignedIn()) {
      openLive();
    } else {
      closeLive();
      // Once the screens that show it are gone.
      setTimeout(() => {
        if (!isSignedIn()) forgetAll();
      }, 0);
    }
  };
  onSession(follow);
  follow();
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(onSession, isSignedIn);
}

export function useMe(): SWRResponse<Me> {
  return useSWR<Me>(useSignedIn() ? ME : null);
}

export interface FeatureAccess {
  allowed: boolean;
  requiredPlan: PlanTier | null;
  /** False until the account is known. */
  known: boolean;
}

export function useFeature(name: string): FeatureAccess {
  const { data } = useMe();
  const found = data?.entitlements.find(({ feature }) => feature === name);
  return {
    allowed: found?.allowed ?? false,
    requiredPlan: (found?.required_plan as PlanTier | undefined) ?? null,
    known: data !== undefined,
  };
}

export function signOut(): void {
  const token = refreshToken();
  dropTokens();
  // Best effort: the family also ends by itself when it expires.
  if (token) postOpenly("/auth/logout", { refresh_token: token }).catch(() => undefined);
}
