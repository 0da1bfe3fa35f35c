"""Children that never outlive us: how the local cloud starts, shields and ends the processes under it."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
# Loaded here: after a fork it is too late to import or to take the loader's lock.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_UNWANTED = ("AWS_", "BAI_", "PG", "LAMBDA_", "LD_PRELOAD")
_UNWANTED_EXACT = {
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PYTHONPATH", "PYTHONHOME",
    "PYTHONSTARTUP", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
}  # fmt: skip


class NotAvailable(RuntimeError):
    """Something this machine lacks; the text says what to do."""


def die_with_parent(signum: int = signal.SIGKILL) -> None:
    """Run in the child between fork and exec, after any change of user (which clears the setting).

    The signal comes when the THREAD that forked ends, so children are started from the main thread.
    """
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signum)


def die_with_parent_gently() -> None:
    """SIGINT instead of SIGKILL: PostgreSQL's fast shutdown."""
    die_with_parent(signal.SIGINT)


def clean_environment(**extra: str) -> dict[str, str]:
    """The caller's environment without what would leak into a child: credentials, proxies, CA bundles, our own."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(_UNWANTED) and key.upper() not in _UNWANTED_EXACT
    }
    return {**kept, **extra}


def free_port(preferred: int | None = None) -> int:
    """`preferred`, or the next free one after it; without a preference any free port of the loopback."""
    if preferred is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])
    for port in range(preferred, preferred + 200):
        if port_is_free(port):
            return port
    raise NotAvailable(f"no free port between {preferred} and {preferred + 199}")


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            return False
    return True


class Account:
    """Whom a server that refuses root runs as: ourselves, or an unprivileged user when we are root."""

    def __init__(self, uid: int | None = None, gid: int | None = None) -> None:
        self.uid, self.gid = uid, gid

    @classmethod
    def unprivileged(cls) -> Account:
        if os.geteuid() != 0:
            return cls()
        for name in ("postgres", "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(entry.pw_uid, entry.pw_gid)
        raise NotAvailable("running as root and neither user postgres nor nobody exists: start as an ordinary user")

    def own(self, *paths: Path) -> None:
        if self.uid is not None and self.gid is not None:
            for path in paths:
                os.chown(path, self.uid, self.gid)

    def can_reach(self, path: Path) -> bool:
        if self.uid is None:
            return os.access(path, os.X_OK)
        probe = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return (
            subprocess.run(probe, user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False).returncode == 0
        )

    def run(self, command: list[str], cwd: Path) -> str:
        done = subprocess.run(
            command, cwd=cwd, env=clean_environment(), capture_output=True, text=True, check=False,
            user=self.uid, group=self.gid, extra_groups=None if self.uid is None else [],
        )  # fmt: skip
        if done.returncode != 0:
            raise NotAvailable(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-1500:]}")
        return done.stdout

    def spawn(
        self,
        command: list[str],
        cwd: Path,
        log: Path,
        at_parents_death: Callable[[], None] = die_with_parent,
        extra: dict[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        environment = clean_environment(**(extra or {}))
        with log.open("ab") as sink:
            return subprocess.Popen(
                command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                user=self.uid, group=self.gid, extra_groups=None if self.uid is None else [],
                start_new_session=True, preexec_fn=at_parents_death,  # noqa: PLW1509 - it only calls prctl
            )  # fmt: skip


def stop(process: subprocess.Popen[bytes] | None, signum: int = signal.SIGINT, patience: float = 4.0) -> None:
    """Ask, wait, then kill the whole session of a process we started."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(signum)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
