"""The demo clients of a platform on this machine, one per plan, and an admin. Known to the seed, the console's sign-in and the demo."""

from __future__ import annotations

# Public on purpose: it opens nothing but a machine's own demo data.
PASSWORD = "demo-password-2026"
ADMIN = "admin@demo.bai.example"
CLIENTS = {
    "motor@demo.bai.example": ("Marta Motor", "MOTOR"),
    "cerebro@demo.bai.example": ("Carlos Cerebro", "CEREBRO"),
    "partner@demo.bai.example": ("Paula Partner", "PARTNER"),
    ADMIN: ("Ada Admin", "PARTNER"),
}


def role_of(email: str) -> str:
    return "admin" if email == ADMIN else "client"


def as_json() -> list[dict[str, str]]:
    """For the sign-in screen, which offers them with one click."""
    return [
        {"email": email, "password": PASSWORD, "full_name": name, "plan_tier": plan, "role": role_of(email)}
        for email, (name, plan) in CLIENTS.items()
    ]
