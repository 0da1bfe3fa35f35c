"""How the verbs of `bai jobs` are declared: what they share, and whom they are asked as."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from local.cli_client import USER, Client
from local.demo_clients import ADMIN

Act = Callable[[argparse.Namespace, Client], int]


class Verbs:
    def __init__(self, parsers: Any, parents: list[argparse.ArgumentParser]) -> None:
        self.parsers, self.parents = parsers, parents

    def add(
        self, name: str, act: Act, help_text: str, *, admin: bool = False, everybody: bool = False, json: bool = False
    ) -> argparse.ArgumentParser:
        """`admin`: only an admin may; `everybody`: there is --all, which only an admin may; `json`: there is --json."""
        verb: argparse.ArgumentParser = self.parsers.add_parser(
            name, parents=self.parents, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}."
        )
        verb.set_defaults(act=act, asked_as=ADMIN if admin else USER, everybody=False, json=False)
        if everybody:
            verb.add_argument("--all", dest="everybody", action="store_true", help="everybody's, as an admin")
        if json:
            verb.add_argument("--json", action="store_true", help="the API's answer as it is")
        return verb


def asked_as(options: argparse.Namespace) -> str:
    """The e-mail to sign in with: the given one, else the demo client or admin that the verb needs."""
    return str(options.user or (ADMIN if options.everybody else options.asked_as))
