"""Every boundary can be cut: whoever opens a transaction or calls a provider passes a point."""

import ast
from collections.abc import Iterator
from pathlib import Path

from shared.crash import POINTS

ROOT = Path(__file__).parents[2]
# At these calls something becomes lasting, or leaves the house.
BOUNDARIES = {
    "begin", "commit", "transact", "transaction",  # a transaction
    "send", "make_template",  # a provider
    "send_batch",  # the bus
}  # fmt: skip
WITHOUT = {
    "shared.bus.database.Database.transaction": "its callers' points lie inside and after it",
    "shared.bus.member.Member._work": "its callers' points lie inside and after it",
    "services.channels.edges.Edge.transact": "its callers' points lie inside and after it",
    "shared.bus.member.Member.start": "writes what the next start would write",
    "shared.bus.member.Member._seek": "writes what the next seek would write",
    "shared.bus.member.Member._tidy": "a note on freshness, and ids too old to matter",
    "shared.internal.Repairs._retried": "the outbox's points lie inside it",
    "shared.internal.Repairs._dropped": "one row; whoever got no answer looks, and drops it again",
    "shared.privacy.vault.Vault.destroy": "one row; whoever was not told asks again",
    "services.channels.templates.Templates._settle": "before it lies `template.after`",
    "services.channels.operating.ByHand._settled": "the outbox's points lie inside it",
    "services.channels.reconciling.Reconciler._settle": "a look not written down is made again",
    "services.console.api.Console.change": "the outbox's points lie inside it",
    "services.console.api.get_campaign": "only reads",
    "services.crm_sync.lines.cells_of": "no transaction: the lines of a file",
    "services.crm_sync.importing._Import.run": "before any chunk; begun again as the next attempt",
    "services.crm_sync.importing._Import._recognise": "marks what the next attempt would mark",
    "services.triage.rejudging.Rejudging._look": "sets what the next start would set",
    "services.crm_sync.importing._Import._end": "the outbox's points lie inside it",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, list[ast.Call]]]:
    """Every function and method with its calls, those of the functions inside it too."""
    for folder in ("shared", "services"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            for name, node in named(ast.parse(file.read_text()).body):
                calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
                yield f"{module}.{name}", calls


def named(body: list[ast.stmt]) -> Iterator[tuple[str, Function]]:
    for node in body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{name}", its) for name, its in named(node.body))


def is_boundary(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in BOUNDARIES


def is_point(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "point"


def test_whoever_opens_a_transaction_or_calls_a_provider_passes_a_point_or_is_named_here():
    found = {name for name, calls in functions() if any(map(is_boundary, calls))}
    pointed = {name for name, calls in functions() if any(map(is_point, calls))}
    assert found - pointed - WITHOUT.keys() == set(), "give it a point, or a reason above"
    assert WITHOUT.keys() - (found - pointed) == set(), "these need no reason any more"


def test_every_point_is_passed_by_the_code_and_the_code_passes_no_other():
    passed = {
        call.args[0].value if isinstance(call.args[0], ast.Constant) else f"what in {name}?"
        for name, calls in functions()
        for call in calls
        if is_point(call)
    }
    assert passed == POINTS.keys()


def test_each_boundary_has_a_side_before_and_a_side_after():
    sides = [tuple(name.rsplit(".", 1)) for name in POINTS]
    assert sides == [(name, side) for name, _ in sides[::2] for side in ("before", "after")]
