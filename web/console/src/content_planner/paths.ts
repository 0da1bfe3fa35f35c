/** Where the planner's screens are. */

export const paths = {
  campaigns: "/planner",
  campaign: (id: string, pieceId?: string) => `/planner/campaigns/${id}${pieceId ? `?piece=${pieceId}` : ""}`,
  calendar: (month?: string) => `/planner/calendar${month ? `?month=${month}` : ""}`,
  job: (id: string) => `/jobs/${id}`,
};
