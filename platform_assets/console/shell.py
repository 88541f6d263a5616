"""`make sql`: a small shell on the warehouse, in the dialect of the models.

It opens the warehouse for each statement only, so that runs can go on while it waits for the next.
"""

import cmd
import contextlib
import time

import pyarrow as pa
import sqlglot
from rich.console import Console
from rich.table import Table
from sqlglot import exp

from resources import catalog
from resources.unavailable import Unavailable
from resources.warehouse import Warehouse

_SHOWN = 40


class Shell(cmd.Cmd):
    """Statements end with `;`. `tables` lists the tables, `describe TABLE` a table's columns, `quit` leaves."""

    intro = "Statements end with ';'. Also: tables, describe TABLE, quit."
    prompt = "quadrant> "

    def __init__(self, warehouse: Warehouse, console: Console) -> None:
        """Ask `warehouse`, answer on `console`."""
        super().__init__()
        self._warehouse = warehouse
        self._console = console
        self._pending: list[str] = []

    def do_tables(self, _: str) -> None:
        """List the tables and what a row of each is."""
        shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        shown.add_column("table")
        shown.add_column("what it holds")
        for table in catalog.tables().values():
            shown.add_row(table.name, table.description)
        self._console.print(shown)

    def do_describe(self, name: str) -> None:
        """List the columns of a table."""
        table = catalog.tables().get(name.strip().rstrip(";").lower())
        if table is None:
            self._console.print(f"There is no table {name!r}; 'tables' lists them.", markup=False)
            return
        shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for heading in ("column", "type", "meaning"):
            shown.add_column(heading)
        for column in table.columns:
            shown.add_row(column.name, column.kind, column.description)
        self._console.print(shown)

    def do_quit(self, _: str) -> bool:
        """Leave."""
        return True

    do_exit = do_EOF = do_quit  # noqa: N815 - the name cmd gives to the end of input

    def emptyline(self) -> bool:
        """Do nothing, where cmd would repeat the last statement."""
        return False

    def default(self, line: str) -> None:
        """Collect a statement until its `;`, then run it."""
        self._pending.append(line)
        if line.rstrip().endswith(";"):
            text = "\n".join(self._pending)
            self._pending = []
            self.ask(text)
        self.prompt = "     ...> " if self._pending else "quadrant> "

    def ask(self, text: str) -> None:
        """Run SELECTs and show the first rows of each, or what is wrong in a sentence."""
        try:
            for tree in sqlglot.parse(text, dialect="snowflake"):
                if isinstance(tree, exp.Query):
                    self._answer(tree.sql(dialect="snowflake"))
                elif tree is not None:
                    self._console.print("Only SELECT is allowed here: tables are written by the graph.")
        except Unavailable as error:
            self._console.print(str(error), markup=False)
        except Exception as error:  # noqa: BLE001 - whatever the driver or the parser says, a shell shows it and goes on
            self._console.print(str(error).split("\n\n")[0], style="red", markup=False)

    def _answer(self, text: str) -> None:
        began = time.monotonic()
        with self._warehouse.session("shell") as session:
            found = session.fetch(text)
        self._show(found, time.monotonic() - began)

    def _show(self, found: pa.Table, took_s: float) -> None:
        shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for name in found.column_names:
            shown.add_column(name, overflow="fold")
        for row in found.slice(0, _SHOWN).to_pylist():
            shown.add_row(*("" if value is None else str(value) for value in row.values()))
        self._console.print(shown, markup=False)
        more = f", the first {_SHOWN} shown" if found.num_rows > _SHOWN else ""
        self._console.print(f"{found.num_rows:,} rows{more}, {took_s:.2f} s", style="dim")


def shell(warehouse: Warehouse, console: Console) -> None:
    """Run the shell until the end of input, `quit` or Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        Shell(warehouse, console).cmdloop()
    console.print()
