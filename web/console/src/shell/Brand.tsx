import styles from "./brand.module.css";

/** The mark and the name. */
export function Brand({ small = false }: { small?: boolean }) {
  return (
    <span className={styles["brand"]}>
      <img src="/icon.svg" alt="" width={24} height={24} />
      {!small && <span>B.A.I.</span>}
    </span>
  );
}
