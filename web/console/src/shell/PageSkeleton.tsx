import { Loading, Page, Skeleton } from "../design";

/** While a room's code comes: a title and the outline of a list. */
export function PageSkeleton() {
  return (
    <Page title={<Skeleton width={160} height={22} />} name="B.A.I.">
      <Loading>
        <Skeleton height={260} radius={10} />
      </Loading>
    </Page>
  );
}
