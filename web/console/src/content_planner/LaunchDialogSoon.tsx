/** The launch form, fetched when it is first opened. */

import { Suspense, lazy } from "react";
import type { LaunchDialogProps } from "./LaunchDialog";

const LaunchDialog = lazy(() => import("./LaunchDialog"));

export function LaunchDialogSoon(props: LaunchDialogProps) {
  return (
    <Suspense fallback={null}>
      <LaunchDialog {...props} />
    </Suspense>
  );
}
