"""What the demo prints of an event and of a piece."""

from __future__ import annotations

import textwrap
from typing import Any

WIDTH = 100


def about(name: str, data: dict[str, Any]) -> str:
    if name == "campaign.piece_ready":
        piece = data["piece"]
        return f"{data['progress']:>3} %  {piece['kind']} {piece['position']} for {piece['platform']}"
    if name == "job.updated":
        return f"{data['progress']:>3} %  {data['type']} is {data['state']}"
    if name.startswith("campaign."):
        return f"{data['progress']:>3} %  {data['status']}: {data['message'] or ''}"
    if name == "usage.updated":
        return f"campaigns used in {data['month']}: {data['campaigns']['used']}"
    return ""


def show_piece(piece: dict[str, Any]) -> None:
    print(f"\n── {piece['position']} · {piece['kind']} for {piece['platform']}, {piece['scheduled_for'][:16]} UTC")
    text = piece["text"] if piece["kind"] == "post" else f"{piece['script']['hook']}\n{piece['script']['caption']}"
    for line in text.splitlines():
        print(textwrap.fill(line, WIDTH, initial_indent="   ", subsequent_indent="   "))
    if piece["script"]:
        for shot in piece["script"]["shots"]:
            print(
                textwrap.fill(
                    f"{shot['seconds']} s: {shot['visual']}", WIDTH, initial_indent="   · ", subsequent_indent="     "
                )
            )
    if piece["hashtags"]:
        print("   " + " ".join(f"#{tag.lstrip('#')}" for tag in piece["hashtags"]))
