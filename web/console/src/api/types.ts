/** The API's shapes by the names the console uses; generated from web/client/openapi.json by `npm run client`. */

import type { components } from "../../../client/schema";

type Schemas = components["schemas"];

export type Me = Schemas["MeOut"];
export type Entitlement = Schemas["EntitlementOut"];
export type Usage = Schemas["UsageOut"];
export type Quota = Schemas["QuotaOut"];
export type Tokens = Schemas["TokenOut"];
export type PlanTier = Me["plan_tier"];
export type Language = Me["language"];

export type Campaign = Schemas["CampaignOut"];
export type CampaignRow = Schemas["CampaignRowOut"];
export type Campaigns = Schemas["CampaignsOut"];
export type CampaignStatus = CampaignRow["status"];
export type Piece = Schemas["PieceOut"];
export type Script = Schemas["Script"];
export type Shot = Schemas["Shot"];
export type Warning = Schemas["WarningOut"];
export type Version = Schemas["VersionOut"];
export type Versions = Schemas["VersionsOut"];
export type Calendar = Schemas["CalendarOut"];
export type CalendarPiece = Schemas["CalendarPieceOut"];
export type Launch = Schemas["LaunchIn"];
export type Launched = Schemas["LaunchOut"];
export type Regenerated = Schemas["RegenerateOut"];
export type PieceEdit = Schemas["PieceEditIn"];
export type Engine = Schemas["EngineOut"];
export type Platform = Schemas["PlatformOut"];
export type Platforms = Schemas["PlatformsOut"];

export type Job = Schemas["ListedJobOut"];
export type JobDetail = Schemas["JobDetailOut"];
export type Jobs = Schemas["JobsOut"];
export type JobState = Job["state"];
export type JobStep = Schemas["StepOut"];
export type JobEffect = Schemas["EffectOut"];
export type JobAttempt = Schemas["AttemptOut"];
export type JobChild = Schemas["ChildOut"];
export type ChangedJob = Schemas["ChangedJobOut"];
export type ListedEffects = Schemas["EffectsOut"];
export type Queue = Schemas["QueueOut"];
export type Queues = Schemas["QueuesOut"];
export type RedriveFilter = Partial<Schemas["RedriveIn"]>;
export type RedriveItem = Schemas["RedriveItemOut"];
export type Redriven = Schemas["RedriveOut"];
export type JobsHealth = Schemas["HealthOut"];

export type Report = Schemas["ReportOut"];
export type Dependency = Schemas["DependencyOut"];
export type Ticket = Schemas["TicketOut"];
