/** Which screen is at which address. Each room is a chunk of its own. */

import { Compass } from "lucide-react";
import { Suspense, lazy, useEffect, useState } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { SWRConfig } from "swr";
import { AccountScreen } from "./auth/AccountScreen";
import { Gate } from "./billing/Gate";
import { ButtonLink, EmptyState, Page, Toaster } from "./design";
import { LaunchDialogSoon } from "./content_planner/LaunchDialogSoon";
import { HomePage } from "./home/HomePage";
import { SpeechProvider, useLanguage, useT } from "./i18n";
import { chosenLanguage } from "./i18n/language";
import type { Messages } from "./messages/en";
import { liveSwr } from "./realtime/live_swr";
import { Frame } from "./shell/Frame";
import { PageSkeleton } from "./shell/PageSkeleton";
import { useMe, useSignedIn } from "./shell/session";

const JobsPage = lazy(() => import("./jobs/JobsPage"));
const JobPage = lazy(() => import("./jobs/JobPage"));
const QueuesPage = lazy(() => import("./jobs/QueuesPage"));
const StatusPage = lazy(() => import("./ops/StatusPage"));
const SettingsPage = lazy(() => import("./settings/SettingsPage"));
const CampaignsPage = lazy(() => import("./content_planner/CampaignsPage"));
const CampaignPage = lazy(() => import("./content_planner/CampaignPage"));
const CalendarPage = lazy(() => import("./content_planner/CalendarPage"));
const Palette = lazy(() => import("./shell/Palette"));

const PLANNER = "ai_content_generation";

export function App({ messages }: { messages: Messages }) {
  return (
    <SWRConfig value={liveSwr}>
      <BrowserRouter>
        <Spoken messages={messages} />
      </BrowserRouter>
    </SWRConfig>
  );
}

function Spoken({ messages }: { messages: Messages }) {
  const { data: me } = useMe();
  return (
    <SpeechProvider first={messages} timeZone={me?.time_zone ?? null}>
      <AccountLanguage />
      <Session />
      <Toaster />
    </SpeechProvider>
  );
}

/** The account's language, until somebody chose one on this device. */
function AccountLanguage() {
  const { data: me } = useMe();
  const [language, setLanguage] = useLanguage();
  useEffect(() => {
    if (me && me.language !== language && chosenLanguage() === null) setLanguage(me.language, false);
    // Only the account's word counts here; a choice made meanwhile stays.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [me?.language]);
  return null;
}

function Session() {
  return useSignedIn() ? <Inside /> : <AccountScreen />;
}

function Inside() {
  const [palette, setPalette] = useState(false);
  const [launching, setLaunching] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      event.preventDefault();
      setPalette((open) => !open);
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <>
      <Frame
        onPalette={() => {
          setPalette(true);
        }}
      >
        <Suspense fallback={<PageSkeleton />}>
          <Screens />
        </Suspense>
      </Frame>
      <Suspense fallback={null}>
        {palette && (
          <Palette
            onClose={() => {
              setPalette(false);
            }}
            onLaunch={() => {
              setLaunching(true);
            }}
          />
        )}
        {launching && (
          <LaunchDialogSoon
            onClose={() => {
              setLaunching(false);
            }}
          />
        )}
      </Suspense>
    </>
  );
}

function Screens() {
  const t = useT();
  const planner = (page: React.ReactNode) => (
    <Gate feature={PLANNER} room={t("nav.planner")}>
      {page}
    </Gate>
  );
  return (
    <Routes>
      <Route path="/" element={<HomePage />} />
      <Route path="/sign-in" element={<HomePage />} />
      <Route path="/register" element={<HomePage />} />
      <Route path="/planner" element={planner(<CampaignsPage />)} />
      <Route path="/planner/calendar" element={planner(<CalendarPage />)} />
      <Route path="/planner/campaigns/:campaignId" element={planner(<CampaignPage />)} />
      <Route path="/jobs" element={<JobsPage />} />
      <Route path="/jobs/queues" element={<QueuesPage />} />
      <Route path="/jobs/:jobId" element={<JobPage />} />
      <Route path="/status" element={<StatusPage />} />
      <Route path="/settings" element={<SettingsPage />} />
      <Route path="*" element={<Missing />} />
    </Routes>
  );
}

function Missing() {
  const t = useT();
  return (
    <Page title="" name={t("missing.title")}>
      <EmptyState
        icon={<Compass />}
        title={t("missing.title")}
        text={t("missing.text")}
        action={<ButtonLink to="/">{t("missing.home")}</ButtonLink>}
      />
    </Page>
  );
}
