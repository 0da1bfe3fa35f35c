/** Keeps one screen's fault from taking the console down. */

import { CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { Component } from "react";
import { Button, EmptyState } from "../design";
import { useT } from "../i18n";

interface State {
  broken: boolean;
}

export class Crash extends Component<{ children: ReactNode }, State> {
  override state: State = { broken: false };

  static getDerivedStateFromError(): State {
    return { broken: true };
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const t = useT();
  return (
    <div role="alert">
      <EmptyState
        icon={<CircleX />}
        title={t("crash.title")}
        text={t("crash.text")}
        action={
          // A screen's code may also be missing because a new version was published: the page knows the new names.
          <Button
            onClick={() => {
              location.reload();
            }}
          >
            {t("crash.reload")}
          </Button>
        }
      />
    </div>
  );
}
