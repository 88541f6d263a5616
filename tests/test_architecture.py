"""The directions of imports, the names and the shape of the house; each message says where code should move."""

import ast
import re
from pathlib import Path

import pytest

from platform_assets.definitions import ASSETS
from resources import catalog

ROOT = Path(__file__).parents[1]
OURS = ("platform_assets", "resources", "sensors", "samples", "services", "servers", "soak", "fuzz")
DOMAINS = ("geo", "crm", "tweets", "customer360", "promotions", "listings")
SHARED = {"platform_assets.geo.quadrants"}
FRAME = {
    "platform_assets.partitions",
    "platform_assets.tables",
    "platform_assets.reports",
    "platform_assets.file_reports",
    "platform_assets.moments",
    "platform_assets.pictures",
    "platform_assets.sql_assets",
    "platform_assets.freshness",
}
MODULES = [path for package in OURS for path in sorted((ROOT / package).rglob("*.py"))]
GRAB_BAGS = {"utils", "helpers", "common", "misc", "shared", "assets"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def named(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def starts(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_go_one_way(path: Path) -> None:
    module, found = named(path), imports(path)
    if starts(module, "resources"):
        wrong = {name for name in found if starts(name, "platform_assets", "sensors", "samples", "services")}
        assert not wrong, f"{module} imports {wrong}: resources know nothing of ours; move it into a domain."
        if not starts(module, "resources.deployments"):
            assert not {n for n in found if starts(n, "dagster")}, (
                f"{module}: wrap it in resources/deployments instead."
            )
    if starts(module, "samples"):
        wrong = {name for name in found if starts(name, "platform_assets", "sensors", "dagster")}
        assert not wrong, f"{module} imports {wrong}: the sample world is made without the code it tests."
    if starts(module, "services"):
        assert not {n for n in found if starts(n, "dagster")}, (
            f"{module}: services never import dagster; move it to a sensor or an asset."
        )
    if starts(module, "platform_assets"):
        wrong = {name for name in found if starts(name, "sensors")}
        is_root = module == "platform_assets.definitions"
        assert is_root or not wrong, f"{module} imports {wrong}: only definitions.py knows the sensors."


@pytest.mark.parametrize(
    "path", [p for p in MODULES if starts(named(p), *(f"platform_assets.{d}" for d in DOMAINS))], ids=named
)
def test_a_domain_reaches_another_only_by_asset_key(path: Path) -> None:
    module, found = named(path), imports(path)
    domain = module.split(".")[1]
    for name in found:
        if not starts(name, "platform_assets") or name == "platform_assets":
            continue
        own = starts(name, f"platform_assets.{domain}")
        shared = starts(name, *SHARED) or name == "platform_assets.geo"
        frame = starts(name, *FRAME)
        assert own or shared or frame, (
            f"{module} imports {name}: name its table in deps and in SQL, or move the code to {domain}."
        )


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_defines_dagster_objects_or_does_not_import_dagster(path: Path) -> None:
    text = path.read_text()
    if "import dagster" in text:
        assert "from __future__ import annotations" not in text, (
            f"{named(path)}: Dagster cannot read string annotations."
        )
        if starts(named(path), *(f"platform_assets.{domain}" for domain in DOMAINS)):
            assert re.search(r"dg\.(asset|multi_asset|MaterializeResult|AssetSpec|job)", text), (
                f"{named(path)} needs no dagster: make it pure."
            )


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_names_are_nouns_files_are_short_and_the_environment_is_read_in_one_place(path: Path) -> None:
    text = path.read_text()
    assert path.stem not in GRAB_BAGS, f"{path.name}: name it after the noun it holds."
    assert ast.get_docstring(ast.parse(text)), f"{named(path)}: say in a sentence what belongs here."
    assert len(text.splitlines()) <= 260, (
        f"{named(path)} is long: find the second noun in it and give it a file."
    )
    is_settings = starts(named(path), "services") and path.stem == "settings"
    if path.parent.name != "deployments" and not is_settings:
        where = "settings are read in resources/deployments, those of a service in its settings.py"
        assert "os.environ" not in text, f"{named(path)}: {where}."
        assert "getenv" not in text, f"{named(path)}: {where}."


def test_each_asset_is_a_table_of_the_migrations_and_each_table_an_asset_or_a_ledger() -> None:
    keys = {".".join(spec.key.path) for asset in ASSETS for spec in getattr(asset, "specs", [asset])}
    tables = {name for name in catalog.tables() if not name.startswith("ledger.")}
    sources = {
        "geo.incoming",
        "tweets.topic",
        "crm.crm_customers",
        "crm.crm_portfolios",
        "promotions.sales_incoming",
        "promotions.promotion_store",
        "listings.listed_root",
        "listings.incoming",
        "listings.listing_api",
    }
    assert keys - sources <= tables, f"Add a migration for {keys - sources - tables}."
    assert tables - keys <= {"crm.extracts"}, f"Which asset makes {tables - keys}?"


def test_each_model_lies_beside_the_module_of_its_table() -> None:
    for path in (ROOT / "platform_assets").rglob("*.sql"):
        assert path.with_suffix(".py").exists(), f"{path.name} has no asset module beside it."
        assert f"{path.parent.name}.{path.stem}" in catalog.tables(), (
            f"{path.name} makes no table of the migrations."
        )


def test_table_nouns_are_short_and_every_column_is_explained() -> None:
    for table in catalog.tables().values():
        noun = table.name.split(".")[1].removeprefix("raw_").removeprefix("rejected_")
        assert len(noun) <= 18, f"{table.name}: the graph elides longer names."
        assert table.description, f"{table.name}: say what a row is."
        for column in table.columns:
            assert column.description, f"{table.name}.{column.name}: say what it means."
