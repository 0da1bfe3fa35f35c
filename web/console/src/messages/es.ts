/** All Spanish messages; each feature checks its keys against the English ones. */

import type { Messages } from "./en";
import { es as account } from "../auth/messages.es";
import { es as billing } from "../billing/messages.es";
import { es as planner } from "../content_planner/messages.es";
import { es as design } from "../design/messages.es";
import { es as home } from "../home/messages.es";
import { es as jobs } from "../jobs/messages.es";
import { es as ops } from "../ops/messages.es";
import { es as settings } from "../settings/messages.es";
import { es as shell } from "../shell/messages.es";

const es: Messages = { ...account, ...billing, ...design, ...home, ...jobs, ...ops, ...planner, ...settings, ...shell };


export default es;
