"""The ``expr`` command: arithmetic with variables of its own and the usual functions."""

from __future__ import annotations

from softswitch.commands.expression import ExpressionError, evaluate
from softswitch.registry import command
from softswitch.switch.commands import CommandCall


@command("expr", syntax="<expr>", module="mod_expr")
async def expr(call: CommandCall, arguments: str) -> str:
    """Calculate: ``expr(10/4)``, ``expr(x=5;x*2)``, ``expr(if(above(${a},3),1,0))``."""
    try:
        value = evaluate(arguments)
    except ExpressionError:
        return "!err!"
    text = f"{value:.10f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
