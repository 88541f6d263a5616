import gzip
import json
import sqlite3
from pathlib import Path

import pytest

from resources.message_log import SqliteMessageLog
from resources.object_store import FolderObjectStore
from resources.unavailable import Unavailable
from samples import world
from samples.arrivals import Arrival
from samples.listing_tree import FOLDER
from samples.truth import DWELLINGS
from samples.world import World, WorldConfig

SMALLER = WorldConfig(addresses=1_500, customers=220, tweets=320, seed=7, shoppers=200)


def everything(made: World) -> dict[str, bytes]:
    """All bytes of a world that lies nowhere."""
    files = {key: b"".join(blocks) for key, blocks in made.objects()}
    log = {str(i): message.value or b"" for i, message in enumerate(made.tweets())}
    return files | log | dict(made.truth())


def on_disk(home: Path) -> dict[str, bytes]:
    """All files below a home but the message log, which holds times, and the tree, which comes as a whole."""
    found = (path for path in home.rglob("*") if path.relative_to(home).parts[0] != FOLDER)
    files = [path for path in found if path.is_file() and not path.name.startswith("log.sqlite")]
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def values(home: Path) -> list[bytes | None]:
    with SqliteMessageLog(home / "log.sqlite") as log:
        return [message.value for message in log.read("tweets", 0, 0).messages]


def arrive(home: Path) -> Arrival:
    with SqliteMessageLog(home / "log.sqlite") as log:
        return world.arrive(FolderObjectStore(home / "objects"), log, home)


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others() -> None:
    once, again = everything(world.make(SMALLER)), everything(world.make(SMALLER))
    other = everything(world.make(WorldConfig(1_500, 220, 320, seed=8)))
    assert once == again
    assert sum(once[key] == other.get(key) for key in once) < 20


def test_a_written_world_is_where_an_embedded_deployment_looks_for_it(tmp_path: Path) -> None:
    made = world.make(SMALLER)
    assert not world.is_written(tmp_path)
    written = world.write(made, tmp_path, with_dwellings=True)
    assert world.is_written(tmp_path)
    assert (written.files, written.customers, written.tweets) == (18, 220, 320)
    objects = FolderObjectStore(tmp_path / "objects").list("geo/incoming/")
    assert [found.key for found in objects] == [file.key for file in made.address_files()]
    assert values(tmp_path) == [message.value for message in made.tweets()]
    connection = sqlite3.connect(tmp_path / "crm.sqlite")
    assert connection.execute("SELECT count(*) FROM customers").fetchone()[0] == 220 + 11
    connection.close()
    summary = json.loads((tmp_path / "truth" / "summary.json").read_text())
    assert summary["addresses"] == 1_500 + 2
    assert summary["address_rows"] == written.addresses == summary["addresses"] + summary["duplicates_merged"]
    listed = gzip.decompress((tmp_path / "truth" / "dwellings.csv.gz").read_bytes()).decode().splitlines()
    assert listed[0] == ",".join(DWELLINGS)
    assert len(listed) == 1_501
    assert not (tmp_path / ".sample-world").exists()


def test_what_a_crash_left_is_completed_to_the_same_bytes(tmp_path: Path) -> None:
    made = world.make(SMALLER)
    world.write(made, tmp_path / "whole")
    whole = on_disk(tmp_path / "whole")
    crashed = tmp_path / "crashed"
    for name in list(whole)[::2]:
        (crashed / name).parent.mkdir(parents=True, exist_ok=True)
        (crashed / name).write_bytes(whole[name])
    (crashed / "truth").mkdir(exist_ok=True)
    (crashed / "truth" / "config.json").write_bytes(whole["truth/config.json"])
    (crashed / "truth" / "summary.json").unlink(missing_ok=True)
    (crashed / ".sample-world").mkdir()
    (crashed / ".sample-world" / "file").write_bytes(b"half")
    with SqliteMessageLog(crashed / "log.sqlite") as log:
        log.append("tweets", list(made.tweets())[:100])
    assert not world.is_written(crashed)
    world.write(made, crashed)
    assert on_disk(crashed) == whole
    assert values(crashed) == values(tmp_path / "whole")


def test_a_world_that_is_there_is_left_alone(tmp_path: Path) -> None:
    written = world.write(world.make(SMALLER), tmp_path)
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "objects").rglob("*")}
    arrive(tmp_path)
    assert world.write(world.make(SMALLER), tmp_path) == written
    assert all(path.stat().st_mtime_ns == time for path, time in times.items() if path.is_file())
    assert len(values(tmp_path)) == 320 + 15


def test_data_of_others_is_never_mixed_with_a_sample(tmp_path: Path) -> None:
    with SqliteMessageLog(tmp_path / "log.sqlite") as log:
        log.append("tweets", [(None, b"{}")])
    with pytest.raises(Unavailable, match="tweets of your own; choose another folder"):
        world.write(world.make(SMALLER), tmp_path)
    assert not (tmp_path / "truth").exists()
    world.write(world.make(SMALLER), tmp_path / "other")
    with pytest.raises(Unavailable, match="of another size; remove it or choose another folder"):
        world.write(world.make(WorldConfig(1_600, 220, 320)), tmp_path / "other")
    with pytest.raises(Unavailable, match="holds no sample world; make one with"):
        arrive(tmp_path)


def test_each_arrival_brings_a_new_file_a_complaint_a_question_and_a_home_for_an_old_tweet(
    tmp_path: Path,
) -> None:
    world.write(world.make(SMALLER), tmp_path)
    store = FolderObjectStore(tmp_path / "objects")
    before = [found.key for found in store.list("geo/incoming/")]
    arrived = [arrive(tmp_path) for _ in range(3)]
    keys = [found.key for found in store.list("geo/incoming/")]
    assert keys == before + [arrival.key for arrival in arrived]
    assert len({arrival.complaining_customer_id for arrival in arrived}) == 3
    assert len({arrival.asking_customer_id for arrival in arrived}) == 3
    assert len({arrival.located_tweet for arrival in arrived}) == 3
    messages = values(tmp_path)[320:]
    assert len(messages) == len(set(messages)) == sum(arrival.tweets for arrival in arrived) == 45
    for arrival in arrived:
        content = (tmp_path / "objects" / arrival.key).read_text()
        assert len(content.splitlines()) == arrival.addresses + 1 > 1


def test_arrivals_are_the_same_for_the_same_world(tmp_path: Path) -> None:
    for name in ("one", "two"):
        world.write(world.make(SMALLER), tmp_path / name)
        arrive(tmp_path / name)
    assert values(tmp_path / "one") == values(tmp_path / "two")
    assert on_disk(tmp_path / "one") == on_disk(tmp_path / "two")
