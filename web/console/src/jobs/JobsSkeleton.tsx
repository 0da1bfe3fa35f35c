import { Loading, Skeleton } from "../design";
import styles from "./jobs.module.css";

export function JobsSkeleton() {
  return (
    <Loading>
      <div className={styles["rows"]}>
        {[180, 150, 200, 160, 140, 190].map((width, at) => (
          <div key={at}>
            <Skeleton width={width} />
            <Skeleton width={80} height={20} radius={10} />
            <Skeleton width={110} />
          </div>
        ))}
      </div>
    </Loading>
  );
}
