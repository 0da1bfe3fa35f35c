import "./design/tokens.css";
import "./design/ground.css";
import "./realtime";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { firstMessages } from "./i18n";
import { followSession } from "./shell/session";

followSession();
const root = document.getElementById("root");
if (root) {
  const messages = await firstMessages;
  createRoot(root).render(
    <StrictMode>
      <App messages={messages} />
    </StrictMode>,
  );
}
