"""Which engine writes a piece: the template writer that is always there, or a text model.

Both give a draft that keeps its platform's rules, or GenerationFailed. n8n is not here: it makes whole months.
"""

from typing import Any

from bai.errors import GenerationFailed
from content_planner.drafts import Brief, PieceDraft, Slot

# Two calls of the text model (the second is the one repair) at 30 s each, and room to parse.
STEP_SECONDS = 65


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
