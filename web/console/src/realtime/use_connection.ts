/** The connection's state for React. */

import { useSyncExternalStore } from "react";
import { connection } from "./live_connection";
import type { ConnectionStatus } from "./surroundings";

export function useConnection(): ConnectionStatus {
  return useSyncExternalStore(connection.subscribe, connection.status);
}
