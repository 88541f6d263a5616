"""Object keys as names of partitions, and back."""

import dagster as dg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_assets.partitions import address_files, key_of, partition_of, quadrants


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_key_comes_back(key: str) -> None:
    assert key_of(partition_of(key)) == key


@settings(deadline=None, max_examples=10)
@given(st.lists(st.text(st.sampled_from(list("a%2C,.\n\t/é家")), min_size=1), unique=True))
def test_dagster_takes_every_name(keys: list[str]) -> None:
    names = [partition_of(key) for key in keys]
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(str(address_files.name), names)
        assert set(instance.get_dynamic_partitions(str(address_files.name))) == set(names)


@given(st.lists(st.text(st.sampled_from(list("a%2C,."))), unique=True))
def test_two_keys_never_share_a_partition(keys: list[str]) -> None:
    assert len({partition_of(key) for key in keys}) == len(keys)


@pytest.mark.parametrize(
    ("key", "partition"),
    [
        ("geo/incoming/ct.csv.gz", "geo/incoming/ct.csv.gz"),
        ("a,b", "a%2Cb"),
        ("100%", "100%25"),
        ("wait...", "wait%2E%2E%2E"),
        ("..", ".."),
        ("tab\t", "tab%09"),
        ("Groß 家", "Groß 家"),
    ],
)
def test_ordinary_names_stay_readable(key: str, partition: str) -> None:
    assert partition_of(key) == partition


def test_there_are_four_quadrants() -> None:
    assert list(quadrants.get_partition_keys()) == ["northeast", "northwest", "southeast", "southwest"]
