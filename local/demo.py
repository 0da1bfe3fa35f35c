"""`make demo`: a client launches a month of content and watches it being made over its socket, without one poll.

Starts a local cloud of its own, does what a person would do in the console, and believes only what the socket says.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from local.cli_cloud import ROOT, ApiClient, Refused
from local.processes import die_with_parent

CLIENT = "cerebro@demo.bai.example"
PORTS_FROM = "32000"
STATE = ROOT / ".local-demo"
START_SECONDS = 120.0
SILENCE_SECONDS = 45.0
WHOLE_SECONDS = 180.0
STOP_SECONDS = 20.0
WIDTH = 100

BRIEF = {
    "tone_of_voice": "cercano, con humor tranquilo y sin prisas",
    "themes": [
        "Pan de masa madre horneado cada mañana",
        "Cómo elegimos el café de pequeños productores",
        "Desayunos sin prisas para los vecinos del barrio",
        "Encargos para celebraciones en familia",
        "Qué hacemos con el pan que no se vende",
    ],
    "target_platforms": ["instagram", "facebook", "linkedin", "x", "tiktok"],
    "language": "es",
}


@dataclass
class Watched:
    """What the socket has said since it opened."""

    newest: int
    began: float = field(default_factory=time.monotonic)
    events: int = 0
    seconds: float = 0.0
    pieces: dict[int, dict[str, Any]] = field(default_factory=dict)
    engine: str = ""
    ready: bool = False
    job_done: bool = False

    def take(self, frame: dict[str, Any], launched: dict[str, Any]) -> None:
        if frame.get("type") != "event":
            raise Refused(f"the socket said {frame.get('type')} where an event was due")
        if frame["seq"] != self.newest + 1:
            raise Refused(f"event {frame['seq']} came after event {self.newest}: a gap or a repeat")
        self.newest = frame["seq"]
        self.events += 1
        name, data = frame["event"], frame["data"]
        if name == "campaign.failed":
            error = data.get("error") or {}
            raise Refused(f"the campaign failed: {error.get('code')}: {error.get('detail')}")
        if name == "campaign.piece_ready" and data["campaign_id"] == launched["campaign_id"]:
            self.pieces[data["piece"]["position"]] = data["piece"]
        if name == "campaign.review_ready" and data["id"] == launched["campaign_id"]:
            self.ready, self.engine, self.seconds = True, data["engine"], time.monotonic() - self.began
        if name == "job.updated" and data["id"] == launched["job_id"]:
            self.job_done = data["state"] == "succeeded"
            if data["state"] in ("failed", "cancelled", "expired", "dead"):
                raise Refused(f"the job ended as {data['state']}: {data.get('error')}")


def show(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextlib.contextmanager
def own_cloud() -> Iterator[dict[str, Any]]:
    """A fresh local cloud; gone when the block ends, and when this process dies."""
    log, addresses = ROOT / ".local" / "demo-cloud.log", STATE / "addresses.json"
    log.parent.mkdir(exist_ok=True)
    addresses.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local", "run", "--state-dir", str(STATE), "--reset"]
    command += ["--ports-from", PORTS_FROM, "--no-console", "--quiet"]
    began = time.monotonic()
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            # Ctrl-C is ours to handle; the cloud is told by SIGTERM, also when we are killed.
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - no other thread
        )
    try:
        found = _wait_for(addresses, process, log)
        show(f"A local cloud of its own is ready after {time.monotonic() - began:.1f} s: {found['api']}")
        yield found
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(addresses: Path, process: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said = "\n".join(log.read_text(errors="replace").strip().splitlines()[-15:])
            raise Refused(f"the local cloud ended at start:\n{said}")
        if addresses.exists():
            found: dict[str, Any] = json.loads(addresses.read_text())
            return found
        time.sleep(0.02)
    raise Refused(f"the local cloud was not up after {START_SECONDS:.0f} s; see {log.relative_to(ROOT)}")


def next_month(now: datetime) -> str:
    return (now.replace(day=1) + timedelta(days=32)).strftime("%Y-%m")


@contextlib.contextmanager
def open_socket(api: ApiClient) -> Iterator[tuple[ClientConnection, int]]:
    """The socket after its `ready` frame, and the newest sequence number that the frame named."""
    ticket = api.call("POST", "/realtime/ticket")
    address = f"{ticket['url']}?ticket={ticket['ticket']}"
    with connect(address, open_timeout=30, proxy=None, max_size=2**18) as socket:
        frame = json.loads(socket.recv(timeout=30))
        if frame.get("type") != "ready":
            raise Refused(f"the socket's first frame was {frame.get('type')}, not ready")
        yield socket, int(frame["seq"])


def watch(socket: ClientConnection, watched: Watched, launched: dict[str, Any]) -> None:
    """Until the campaign can be reviewed and its job has succeeded; each wait is bounded."""
    while not (watched.ready and watched.job_done):
        if time.monotonic() - watched.began > WHOLE_SECONDS:
            raise Refused(f"the month was not made within {WHOLE_SECONDS:.0f} s ({watched.events} events came)")
        try:
            frame = json.loads(socket.recv(timeout=SILENCE_SECONDS))
        except TimeoutError:
            text = f"the socket was silent for {SILENCE_SECONDS:.0f} s after {watched.events} events"
            raise Refused(f"{text}; the functions' logs are in {STATE.name}/logs") from None
        watched.take(frame, launched)
        _show_event(frame, time.monotonic() - watched.began)


def _show_event(frame: dict[str, Any], seconds: float) -> None:
    data = frame["data"]
    if frame["event"] == "campaign.piece_ready":
        piece = data["piece"]
        what = f"{data['progress']:>3} %  {piece['kind']} {piece['position']} for {piece['platform']}"
    elif frame["event"] == "job.updated":
        what = f"{data['progress']:>3} %  {data['type']} is {data['state']}"
    elif frame["event"].startswith("campaign."):
        what = f"{data['progress']:>3} %  {data['status']} {data['message']}"
    else:
        what = json.dumps(data, ensure_ascii=False)
    show(f"  {seconds:7.3f} s  #{frame['seq']:<3} {frame['event']:<22} {what}"[:WIDTH])


def _show_pieces(watched: Watched) -> None:
    for _, piece in sorted(watched.pieces.items()):
        day = datetime.fromisoformat(piece["scheduled_for"]).strftime("%d/%m %H:%M UTC")
        show(f"\n{piece['position']}. {piece['kind']} · {piece['platform']} · {day} · engine: {piece['engine']}")
        for paragraph in piece["text"].splitlines():
            show(textwrap.fill(paragraph, WIDTH, initial_indent="   ", subsequent_indent="   "))
        show("   " + " ".join(f"#{tag.lstrip('#')}" for tag in piece["hashtags"]))
        if piece["script"]:
            show(f"   Gancho: {piece['script']['hook']}")
            for shot in piece["script"]["shots"]:
                line = f"{shot['seconds']:>2} s  {shot['visual']} — «{shot['voice']}»"
                show(textwrap.fill(line, WIDTH, initial_indent="   ", subsequent_indent="         "))


def demonstrate(cloud: dict[str, Any]) -> str:
    """The closing line. Raises Refused when anything is not as promised."""
    api = ApiClient(cloud["api"], CLIENT)
    api.sign_in()
    me = api.call("GET", "/auth/me")
    show(f"Signed in as {me['full_name']} ({me['plan_tier']}), {CLIENT}")
    with open_socket(api) as (socket, newest):
        show(f"Socket open, newest event {newest}")
        month = next_month(datetime.now(UTC))
        watched = Watched(newest)
        launched = api.call("POST", "/content-planner/launch-monthly-campaign", body={"month": month, **BRIEF})
        requests = api.requests
        show(f"Launched {month}: campaign {launched['campaign_id']}, job {launched['job_id']}\n")
        watch(socket, watched, launched)
    polls = api.requests - requests
    _show_pieces(watched)
    kinds = [piece["kind"] for piece in watched.pieces.values()]
    posts, reels = kinds.count("post"), kinds.count("reel")
    if (posts, reels, polls) != (4, 1, 0):
        raise Refused(f"{posts} posts, {reels} reels and {polls} polls instead of 4, 1 and 0")
    if watched.engine == "template":
        show("\nWritten by the embedded template writer; a text model is a setting (README).")
    return f"4 posts + 1 reel in {watched.seconds:.1f} s, {watched.events} events, {polls} polls"


def run() -> int:
    try:
        with own_cloud() as cloud:
            closing = demonstrate(cloud)
    except KeyboardInterrupt:
        show("\nStopped.")
        return 130
    except (Refused, WebSocketException, OSError, KeyError, ValueError) as error:
        sys.stdout.flush()
        sys.stderr.write(f"\nThe demo did not succeed: {error or type(error).__name__}\n")
        return 1
    show(f"\n{closing}")
    return 0


if __name__ == "__main__":
    sys.exit(run())
