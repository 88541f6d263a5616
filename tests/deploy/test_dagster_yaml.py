"""Dagster's settings, of the clone and of a deployment: what people need to see is kept where they look."""

from pathlib import Path

import dagster as dg
import pytest
import yaml

from resources.object_store import FolderObjectStore
from tests.graph import QUIET, SILENT

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("file", ["dagster.yaml", "deploy/dagster.yaml"])
def test_what_a_listing_leaves_out_is_in_the_log_of_its_run(file: str, tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "loop").symlink_to("loop")

    @dg.op
    def look() -> None:
        FolderObjectStore(tmp_path / "objects").list("")

    @dg.job(executor_def=dg.in_process_executor)
    def looking() -> None:
        look()

    settings = {"python_logs": yaml.safe_load((ROOT / file).read_text())["python_logs"], **QUIET}
    with dg.DagsterInstance.local_temp(str(tmp_path), settings) as instance:
        run = looking.execute_in_process(instance=instance, run_config=SILENT)
        said = [entry.user_message for entry in instance.all_logs(run.run_id) if entry.dagster_event is None]
    assert said == ["the link 'loop' leads to no file, so it is no object"]
