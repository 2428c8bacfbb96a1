"""`rekindle`: the operator's command.

Whatever goes wrong that a person can mend is one sentence on standard error and an exit code that
is not 0; never a stack trace.
"""

import logging
import os
import sys
from collections.abc import Callable

import typer

from rekindle.commands.audit import audit
from rekindle.commands.demo import demo
from rekindle.commands.doctor import doctor
from rekindle.commands.fit import fit
from rekindle.commands.imports import import_
from rekindle.commands.migrate import migrate
from rekindle.commands.parked import parked
from rekindle.commands.report import report
from rekindle.commands.roi import roi
from rekindle.commands.rules import rules
from rekindle.commands.serve import serve
from rekindle.commands.status import status
from rekindle.commands.triage import triage
from rekindle.commands.unknown import unknown
from rekindle.commands.up import up
from rekindle.console_client import ConsoleRefusedError
from rekindle.driver import StuckError
from rekindle.engines import EngineError
from rekindle.internal_client import InternalRefusedError, NobodyUpError
from rekindle.migrating import MigrationError
from services.console.campaigns import CampaignRefusedError
from services.crm_sync.store import ImportRunningError
from services.crm_sync.wrapping import UnusableFileError
from shared.bus import BusChangedError
from shared.privacy.master import MasterKeyError
from shared.process import sentence_of
from shared.rules.knowing import FactError
from shared.rules.reading import RuleDataError
from shared.settings import SettingsError
from shared.web import PortTakenError

COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo,
    "up": up,
    "serve": serve,
    "migrate": migrate,
    "import": import_,
    "triage": triage,
    "fit": fit,
    "roi": roi,
    "report": report,
    "audit": audit,
    "status": status,
    "doctor": doctor,
}
GROUPS = {"parked": parked, "rules": rules, "unknown": unknown}
FOR_PEOPLE = (
    BusChangedError,
    CampaignRefusedError,
    ConsoleRefusedError,
    EngineError,
    FactError,
    ImportRunningError,
    InternalRefusedError,
    MasterKeyError,
    MigrationError,
    NobodyUpError,
    PortTakenError,
    RuleDataError,
    SettingsError,
    StuckError,
    UnusableFileError,
)
REFUSED, BROKEN, INTERRUPTED = 2, 70, 130

app = typer.Typer(
    help="Re-engages a company's own paid customers, one channel at a time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for name, command in COMMANDS.items():
    app.command(name)(command)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command that the words name."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    # A client that finds a broker still on its way up tries again; that is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # Typer turns Ctrl-C into it, without a word
            _end("Interrupted; what was done is kept, and it can be started again.", INTERRUPTED)
        raise
    except Exception as error:
        if "REKINDLE_TRACE" in os.environ:
            raise
        reason = sentence_of(error, FOR_PEOPLE) or _of_a_file(error)
        _end(reason or f"This is a fault of Rekindle's: {type(error).__name__}. "
             "Set REKINDLE_TRACE=1 to see where.", REFUSED if reason else BROKEN)  # fmt: skip


def _of_a_file(error: Exception) -> str:
    """What is wrong with a file or folder that somebody named; empty when it is none of these."""
    if not isinstance(error, OSError) or not error.filename:
        return ""
    return f"{error.filename} cannot be used: {error.strerror}."


def _end(sentence: str, code: int) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
