"""The shell on the warehouse: what it answers, and what it refuses."""

import io

import pytest
from rich.console import Console

from platform_assets.console.shell import Shell
from resources.sql import statement
from resources.warehouse import DuckDbWarehouse


class Terminal:
    """A shell whose answers can be read."""

    def __init__(self, warehouse: DuckDbWarehouse) -> None:
        self.console = Console(file=io.StringIO(), record=True, width=160)
        self.shell = Shell(warehouse, self.console)

    def type(self, *lines: str) -> str:
        """Type lines; all that is answered to them."""
        for line in lines:
            self.shell.onecmd(line)
        return self.console.export_text()


@pytest.fixture
def terminal(duckdb_warehouse: DuckDbWarehouse) -> Terminal:
    with duckdb_warehouse.session() as session:
        for number in range(50):
            session.execute(
                statement(
                    "INSERT INTO customer360.offer_rules (rule_id, topic, product, min_value_usd, max_value_usd,"
                    " min_sentiment, priority, pitch) SELECT :id, 'advice', 'ira', 0, 1, 0, 1, '[bold]x[/bold]'"
                ),
                {"id": f"R{number:02}"},
            )
    return Terminal(duckdb_warehouse)


def _rules(terminal: Terminal) -> str:
    return terminal.type("SELECT COUNT(*) AS rules FROM customer360.offer_rules;")


def test_a_select_is_answered_in_snowflakes_dialect(terminal: Terminal) -> None:
    said = terminal.type("SELECT rule_id, IFF(priority = 1, 'first', 'later') AS rank", "FROM customer360.offer_rules", "QUALIFY ROW_NUMBER() OVER (ORDER BY rule_id) <= 2;")  # fmt: skip
    assert "rule_id" in said
    assert "R01" in said
    assert "first" in said
    assert "2 rows" in said


def test_of_many_rows_the_first_are_shown_and_all_are_counted(terminal: Terminal) -> None:
    said = terminal.type("SELECT rule_id FROM customer360.offer_rules ORDER BY rule_id;")
    assert "50 rows, the first 40 shown" in said
    assert "R39" in said
    assert "R40" not in said


def test_values_are_shown_as_they_are(terminal: Terminal) -> None:
    assert "[bold]x[/bold]" in terminal.type("SELECT pitch FROM customer360.offer_rules LIMIT 1;")


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM customer360.offer_rules;",
        "UPDATE customer360.offer_rules SET priority = 2;",
        "INSERT INTO customer360.offer_rules SELECT * FROM customer360.offer_rules;",
        "DROP TABLE customer360.offer_rules;",
        "CREATE TABLE geo.mine (a BIGINT);",
        "TRUNCATE TABLE customer360.offer_rules;",
    ],
)
def test_what_would_write_is_refused(terminal: Terminal, text: str) -> None:
    assert "Only SELECT is allowed here" in terminal.type(text)
    assert "50" in _rules(terminal)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SELECT * FROM geo.nowhere;", "nowhere"),
        ("SELECT nothing FROM geo.addresses;", "nothing"),
        ("SELEC 1;", "SELEC"),
        ("SELECT (1;", ""),
        ("SELECT 1; SELECT 2;", ""),
    ],
)
def test_an_error_is_shown_and_the_shell_goes_on(terminal: Terminal, text: str, word: str) -> None:
    said = terminal.type(text)
    assert said.strip()
    assert word in said
    assert "Traceback" not in said
    assert "50" in _rules(terminal)


def test_tables_and_their_columns_are_listed(terminal: Terminal) -> None:
    assert "customer360.offers" in terminal.type("tables")
    said = terminal.type("describe GEO.ADDRESSES;")
    assert "address_id" in said
    assert "There is no table 'nowhere'" in terminal.type("describe nowhere")


def test_an_empty_line_repeats_nothing_and_the_end_of_input_leaves(terminal: Terminal) -> None:
    terminal.shell.onecmd("")
    assert terminal.console.export_text().strip() == ""
    assert all(terminal.shell.onecmd(word) for word in ("quit", "exit", "EOF"))


def test_the_prompt_tells_that_a_statement_goes_on(terminal: Terminal) -> None:
    terminal.shell.onecmd("SELECT 1")
    assert terminal.shell.prompt.strip() == "...>"
    terminal.shell.onecmd(";")
    assert terminal.shell.prompt.strip() == "quadrant>"
