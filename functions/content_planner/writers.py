"""Which engine writes a piece: the template writer that is always there, or a text model.

Both give a draft that keeps its platform's rules, or GenerationFailed. n8n is not here: it makes whole months.
"""

from typing import Any

from bai.errors import GenerationFailed
from content_planner.drafts import Brief, PieceDraft, Slot

# A text model may be called twice (the second is the one repair) at 30 s each, and there is room to parse. What a step
# may take is also how long a killed worker's job lies still, so the template engine, done in milliseconds, asks for less.
_STEP_SECONDS = {"template": 5, "n8n": 5, "openai": 65}


def step_seconds(engine: str) -> int:
    """How long writing one piece may take at most."""
    return _STEP_SECONDS.get(engine, 65)


def write(
    engine: str,
    brief: Brief,
    slot: Slot,
    *,
    instruction: str | None = None,
    previous: PieceDraft | None = None,
    variant: int = 0,
) -> dict[str, Any]:
    """One piece as JSON. Raises GenerationFailed or Unavailable."""
    match engine:
        case "template":
            from content_planner import template_writer  # noqa: PLC0415 - an engine that is not used is not loaded

            draft = template_writer.write(brief, slot, instruction=instruction, previous=previous, variant=variant)
        case "openai":
            from content_planner import model_writer  # noqa: PLC0415

            draft = model_writer.write(brief, slot, instruction=instruction, previous=previous)
        case _:
            raise GenerationFailed(f"There is no engine called {engine}.")
    return draft.model_dump(mode="json")
