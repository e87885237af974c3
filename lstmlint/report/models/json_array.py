"""JSON: one array, one object for each model."""

from __future__ import annotations

import json

from lstmlint.report.models import Shown


def render(shown: Shown) -> str:
    """The models as they are."""
    return json.dumps(list(shown.models), indent=2) + "\n"
