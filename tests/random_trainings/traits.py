"""What random programs are about: entry points, losses, things that hold data, arguments; told from their sources."""

from __future__ import annotations

import re

_TRAITS = {
    "entry": r"model\.(fit|evaluate|predict|train_on_batch|test_on_batch)\(|(GradientTape)",
    "loss": r"loss=(?:losses\.)?(\w+|'\w+'|\[|\{)|compare = (?:losses\.)?(\w+)",
    "data": r"(Dataset|yield|PyDataset|Sequence\))|pd\.(Series|DataFrame)|(tf\.constant|tolist|'object'|drop_remainder|repeat)",
    "with": r"(validation_\w+|\w*steps\w*=|\w+_weights?=|class_weight=|stateful|metrics=|from_logits|reduction)|(Model\()|"
    r"(second'|TimeDistributed|RepeatVector)",
}  # fmt: skip


def traits(source: str) -> dict[str, set[str]]:
    """What each pattern finds in a program."""
    body = source[source.index("layers, losses, metrics, utils") :]
    return {
        name: {next(part for part in match.groups() if part).strip("'=)") for match in re.finditer(pattern, body)}
        for name, pattern in _TRAITS.items()
    }
