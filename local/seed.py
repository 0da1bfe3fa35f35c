"""Demo clients of a local platform, one per plan, and an admin. Run after the migrations; running it again changes nothing."""

from __future__ import annotations

import sys

from sqlalchemy import text

from auth.passwords import hash_password
from bai.db import transaction
from bai.ids import new_id
from local.demo_clients import CLIENTS, PASSWORD, role_of

_ADD = text("""
    INSERT INTO users (id, email, password_hash, full_name, role, plan_tier, language)
    VALUES (CAST(:id AS uuid), :email, :hash, :name, :role, :plan, 'es')
    ON CONFLICT (lower(email)) DO NOTHING RETURNING id
""")


def seed() -> int:
    """Adds the clients that are missing; returns how many. Needs the DB_* environment of a function."""
    added = 0
    with transaction() as session:
        for email, (name, plan) in CLIENTS.items():
            row = {"id": new_id(), "email": email, "name": name, "role": role_of(email), "plan": plan}
            row["hash"] = hash_password(PASSWORD)
            added += session.value(_ADD, row) is not None
    return added


if __name__ == "__main__":
    number = seed()
    sys.stdout.write(f"{number} demo clients added\n" if number else "demo clients are there\n")
