/** All English messages. Their keys are the keys. */

import { en as account } from "../auth/messages.en";
import { en as billing } from "../billing/messages.en";
import { en as planner } from "../content_planner/messages.en";
import { en as design } from "../design/messages.en";
import { en as home } from "../home/messages.en";
import { en as jobs } from "../jobs/messages.en";
import { en as ops } from "../ops/messages.en";
import { en as settings } from "../settings/messages.en";
import { en as shell } from "../shell/messages.en";

const en = { ...account, ...billing, ...design, ...home, ...jobs, ...ops, ...planner, ...settings, ...shell };

export type Key = keyof typeof en;
export type Messages = Record<Key, string>;

export default en as Messages;
