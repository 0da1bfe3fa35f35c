"""The demo clients of a platform on this machine, one per plan. Known to the seed, the console's sign-in and the demo."""

from __future__ import annotations

# Public on purpose: it opens nothing but a machine's own demo data.
PASSWORD = "demo-password-2026"
CLIENTS = {
    "motor@demo.bai.example": ("Marta Motor", "MOTOR"),
    "cerebro@demo.bai.example": ("Carlos Cerebro", "CEREBRO"),
    "partner@demo.bai.example": ("Paula Partner", "PARTNER"),
}


def as_json() -> list[dict[str, str]]:
    """For the sign-in screen, which offers them with one click."""
    return [
        {"email": email, "password": PASSWORD, "full_name": name, "plan_tier": plan}
        for email, (name, plan) in CLIENTS.items()
    ]
