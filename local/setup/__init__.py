"""Makes the machine ready: environments, PgBouncer, Chromium, the console's build. Standard library only: it runs before anything is installed."""
