"""What the command line says on stderr, for the logger "firth": texts that were cut (INFO), unknown
tokens and empty texts (WARNING)."""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger("firth")

# Above this share of unknown tokens the vectors mean little.
MANY_UNKNOWN = 0.2


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def log_unknown(report: Any, model: str) -> None:
    share = report.num_unknown / report.num_tokens if report.num_tokens else 0.0
    if share <= MANY_UNKNOWN:
        return
    scripts: dict[str, int] = report.unknown_scripts
    most = max(scripts, key=lambda script: scripts[script], default="")
    named = "signs and digits" if most == "Common" else most
    logger.warning(
        "%.0f %% of the tokens are unknown to %s%s: such vectors look fine and mean little; "
        "take a model for these texts",
        100 * share,
        model,
        f", most of them {named}" if named else "",
    )


def log_result(result: Any, model: str, max_length: int, long: str, first_text: int = 0) -> None:
    report = result.report
    if report.num_truncated:
        how = {"truncate": "cut to them (see long=)", "chunk": "averaged over windows"}
        logger.info(
            "%s longer than the %s tokens of %s, %s",
            _counted(report.num_truncated, "text"),
            f"{max_length:,}",
            model,
            how.get(long, "a row for each window"),
        )
    log_unknown(report, model)
    if result.num_empty:
        logger.warning(
            "%s empty (the first: texts[%d]): such vectors mean nothing",
            "1 text is" if result.num_empty == 1 else f"{result.num_empty:,} texts are",
            first_text + result.first_empty,
        )
