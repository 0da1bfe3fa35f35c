/** Loads every feature's live.ts, so that no event arrives before somebody listens. */

import.meta.glob("../*/live.ts", { eager: true });

export { closeLive, connection, openLive, storyStarted } from "./live_connection";
