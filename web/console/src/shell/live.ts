/** What events mean for the account: usage, and the end of the session. */

import { dropTokens } from "../api/tokens";
import type { Me, Usage } from "../api/types";
import { mutateCached } from "../realtime/cache";
import { onArrival, onEvent } from "../realtime/events";

onEvent("usage.updated", ({ data }) => {
  mutateCached<Me>("/auth/me", (me) => ({ ...me, usage: data as Usage }));
});

onArrival("session.revoked", () => {
  dropTokens();
});
