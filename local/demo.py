"""`make demo`: a client launches next month's content and watches it being made, told by the socket alone."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from local.cli_client import USER, Client, Unanswered
from local.demo_clients import PASSWORD
from local.demo_screen import about, show_piece
from local.processes import die_with_parent

ROOT = Path(__file__).resolve().parents[1]
FIRST_PORT = 18400
START_SECONDS, STOP_SECONDS, SOCKET_SECONDS, MAKING_SECONDS = 120, 20, 10, 90
BRIEF = {
    "tone_of_voice": "cercano, con humor de barrio",
    "themes": [
        "Pan de masa madre con trigo de la sierra",
        "Desayunos de domingo para llevar",
        "Talleres de panadería para familias",
        "¿Cómo conservar el pan toda la semana?",
        "Nuestros hornos funcionan con energía solar",
    ],
    "target_platforms": ["instagram", "facebook", "linkedin", "tiktok"],
    "language": "es",
}
UNHAPPY_EVENTS = {"campaign.failed", "campaign.cancelled"}
UNHAPPY_STATES = {"failed", "cancelled", "expired", "dead"}


class DemoFailed(Exception):
    """Why the demo did not end as it should."""


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bai demo", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=ROOT / ".local-demo", help="fresh at each start")
    parser.add_argument("--ports-from", type=int, default=FIRST_PORT, help="default: %(default)s and those after it")
    parser.add_argument("--verbose", action="store_true", help="show the platform's own start-up lines")
    options = parser.parse_args(arguments)
    platform: subprocess.Popen[bytes] | None = None
    try:
        platform = _start(options)
        closing_line = _watch_a_launch(_addresses(platform, options.state_dir))
    except (DemoFailed, Unanswered, WebSocketException, OSError) as problem:
        print(f"\nThe demo failed: {str(problem) or type(problem).__name__}")
        print(f"Logs: {options.state_dir}/logs and {_output(options.state_dir)}")
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130
    finally:
        if platform is not None:
            _stop(platform)
    print(f"\n{closing_line}")
    return 0


# ---------------------------------------------------------------- the platform


def _start(options: argparse.Namespace) -> subprocess.Popen[bytes]:
    print("Starting a platform of its own … ", end="\n" if options.verbose else "", flush=True)
    state = options.state_dir
    state.mkdir(parents=True, exist_ok=True)
    (state / "addresses.json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "local", "run", "--state-dir", str(state), "--reset", "--no-console"]
    command += ["--ports-from", str(options.ports_from)]
    with _output(state).open("wb") as output:
        shown = None if options.verbose else output
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=shown,
            stderr=shown,
            # Ctrl-C is the demo's; the platform is told once, also when the demo is killed.
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no other thread runs yet
        )


def _addresses(platform: subprocess.Popen[bytes], state: Path) -> dict[str, Any]:
    begun = time.monotonic()
    file = state / "addresses.json"
    while not file.exists():
        if platform.poll() is not None:
            tail = "\n".join(_output(state).read_text(errors="replace").splitlines()[-15:])
            raise DemoFailed(f"the platform ended with code {platform.returncode}\n{textwrap.indent(tail, '    ')}")
        if time.monotonic() - begun > START_SECONDS:
            raise DemoFailed(f"the platform was not up after {START_SECONDS} s")
        time.sleep(0.02)
    print(f"up after {time.monotonic() - begun:.1f} s")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _stop(platform: subprocess.Popen[bytes]) -> None:
    platform.send_signal(signal.SIGTERM)
    try:
        platform.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        platform.kill()
        platform.wait()


def _output(state: Path) -> Path:
    """Beside the state folder, which the platform empties."""
    return state.with_name(f"{state.name}.log")


# ---------------------------------------------------------------- the client


def _watch_a_launch(addresses: dict[str, Any]) -> str:
    client = Client(addresses["api"])
    client.sign_in(USER, PASSWORD)
    me = client.call("GET", "/auth/me")
    print(f"Signed in as {me['full_name']} ({me['plan_tier']}), {USER}")
    ticket = client.call("POST", "/realtime/ticket")
    with connect(f"{ticket['url']}?ticket={ticket['ticket']}", open_timeout=SOCKET_SECONDS, proxy=None) as socket:
        newest = _ready(socket)
        print(f"Socket open; newest event is number {newest}")
        month = _next_month(datetime.now(UTC))
        launched_at = time.monotonic()
        launched = client.call(
            "POST",
            "/content-planner/launch-monthly-campaign",
            body={**BRIEF, "month": month},
            headers={"Idempotency-Key": str(uuid4())},
        )
        print(f"Launched {month} after {time.monotonic() - launched_at:.3f} s: campaign {launched['campaign_id']}\n")
        asked_before = len(client.asked)
        making = Making(launched["campaign_id"], launched["job_id"], newest, launched_at)
        _follow(socket, making)
    pieces = making.checked_pieces()
    for piece in pieces:
        show_piece(piece)
    if making.engine == "template":
        print("\nWritten by the embedded template engine; a text model is a setting (README.md).")
    polls = client.asked[asked_before:]
    if polls:
        raise DemoFailed(f"the client asked {len(polls)} times after the launch: {', '.join(polls)}")
    return f"4 posts + 1 reel in {making.seconds:.1f} s, {making.events} events, {len(polls)} polls"


@dataclass
class Making:
    """One campaign as its events tell it."""

    campaign_id: str
    job_id: str
    seq: int
    launched_at: float
    events: int = 0
    seconds: float = 0.0
    engine: str = ""
    job_succeeded: bool = False
    pieces: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "snapshot_required":
            raise DemoFailed("the platform asked for a snapshot of a stream that was never interrupted")
        if frame["type"] != "event":
            return
        name, data, since = frame["event"], frame["data"], time.monotonic() - self.launched_at
        if frame["seq"] != self.seq + 1:
            raise DemoFailed(f"event {frame['seq']} came after event {self.seq}")
        self.seq = frame["seq"]
        self.events += 1
        print(f"  {since:7.3f} s  {frame['seq']:>4}  {name:22} {about(name, data)}")
        if name == "campaign.piece_ready" and data["campaign_id"] == self.campaign_id:
            self.pieces[data["piece"]["id"]] = data["piece"]
        elif name == "job.updated" and data["id"] == self.job_id:
            if data["state"] in UNHAPPY_STATES:
                raise DemoFailed(f"the job is {data['state']}: {data['error']}")
            self.job_succeeded = data["state"] == "succeeded"
        elif name in UNHAPPY_EVENTS and data["id"] == self.campaign_id:
            raise DemoFailed(f"{name}: {data['error']}")
        elif name == "campaign.review_ready" and data["id"] == self.campaign_id:
            self.seconds, self.engine = since, data["engine"]

    @property
    def done(self) -> bool:
        return self.job_succeeded and self.seconds > 0

    def checked_pieces(self) -> list[dict[str, Any]]:
        pieces = sorted(self.pieces.values(), key=lambda piece: int(piece["position"]))
        found = [(piece["position"], piece["kind"]) for piece in pieces]
        kinds = sorted(kind for _, kind in found)
        if [position for position, _ in found] != [1, 2, 3, 4, 5] or kinds != ["post"] * 4 + ["reel"]:
            raise DemoFailed(f"the campaign is ready for review with {found} instead of 4 posts and 1 reel")
        return pieces


def _ready(socket: ClientConnection) -> int:
    frame = _receive(socket, SOCKET_SECONDS, "the frame `ready`")
    if frame.get("type") != "ready":
        raise DemoFailed(f"the socket began with {frame.get('type')} instead of ready")
    return int(frame["seq"])


def _follow(socket: ClientConnection, making: Making) -> None:
    deadline = time.monotonic() + MAKING_SECONDS
    while not making.done:
        making.take(_receive(socket, deadline - time.monotonic(), f"review_ready ({making.events} events came)"))


def _receive(socket: ClientConnection, seconds: float, what: str) -> dict[str, Any]:
    try:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=max(seconds, 0)))
    except TimeoutError:
        raise DemoFailed(f"no sign of {what} in time") from None
    return frame


def _next_month(now: datetime) -> str:
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
    return f"{year}-{month:02d}"
