/** The console's own components. Features import from here. */

export { Button, ButtonLink, IconButton, Spinner, Toggle } from "./Button";
export type { ButtonProps, ButtonVariant } from "./Button";
export { ChipInput } from "./ChipInput";
export { cx } from "./cx";
export { DataTable } from "./DataTable";
export type { Column } from "./DataTable";
export { Field, useField } from "./Field";
export { Counter, PasswordInput, SearchInput, Select, TextArea, TextInput } from "./inputs";
export { Kbd } from "./Kbd";
export { isTyping } from "./keys";
export { Menu } from "./Menu";
export type { MenuEntry } from "./Menu";
export { ConfirmDialog, Dialog, SidePanel } from "./Overlay";
export { Card, Page } from "./Page";
export { Badge, Loading, Progress, Skeleton, StateBadge } from "./small";
export type { Tone } from "./small";
export { EmptyState, ErrorState, RequestId, useExplain } from "./states";
export { Tabs } from "./Tabs";
export { Age, Elapsed, RelativeTime, Time } from "./Time";
export { Toaster, toast } from "./toast";
export type { Toast } from "./toast";
export { Tooltip } from "./Tooltip";
export { useChanged } from "./use_changed";
export { useNow } from "./use_now";
