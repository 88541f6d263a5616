"""A folder of address files and the sensor that watches it."""

import datetime as dt

import dagster as dg

from sensors.new_address_files import look
from tests.graph import Graph, Watch
from tests.sensors.folders import WatchedFolder, address_file
from tests.sensors.runs import run_of

INCOMING = "geo/incoming/"


class Site(Watch):
    """A graph, its folder, and the sensor that watches it."""

    store: WatchedFolder

    def put(self, name: str, *numbers: int, ago: dt.timedelta = dt.timedelta()) -> str:
        """Write a file; the store says that this was `ago`."""
        key = INCOMING + name
        self.store.put(key, address_file(*(numbers or (1,))))
        self.store.written_at[key] = dt.datetime.now(dt.UTC) - ago
        return key

    def loaded(self) -> dict[str, int]:
        """Rows per file in the warehouse."""
        rows = self.graph.rows("SELECT file, COUNT(*) AS n FROM geo.raw_addresses GROUP BY file")
        return {str(row["file"]).removeprefix(INCOMING): int(str(row["n"])) for row in rows}

    def partitions(self) -> list[str]:
        return list(self.graph.instance.get_dynamic_partitions("address_files"))

    def begin(self, request: dg.RunRequest) -> dg.DagsterRun:
        """The run of a request as Dagster's storage knows it, without its work."""
        tags = dict(request.tags)
        if request.partition_key:
            tags["dagster/partition"] = request.partition_key
        run = run_of("load_addresses", dg.DagsterRunStatus.QUEUED, tags)
        self.graph.instance.add_run(run)
        return run

    def told(self) -> str:
        """Files that the observation of a tick names as waiting for a person."""
        context = dg.build_sensor_context(instance=self.graph.instance, cursor=self.cursor)
        result = look(context, self.store, is_confirm_required=True)
        self.cursor = result.cursor
        for request in result.dynamic_partitions_requests or []:
            self.graph.instance.add_dynamic_partitions("address_files", list(request.partition_keys))
        text = "".join(str(event.metadata["waits_for_a_person"].value) for event in result.asset_events)
        return text.partition(": ")[2]

    def names(self) -> list[str]:
        """Files that a tick asks for."""
        return [str(request.partition_key).removeprefix(INCOMING) for request in self.tick()]


def site_of(graph: Graph, store: WatchedFolder) -> Site:
    graph.replaced["object_store"] = store
    site = Site(graph, "new_address_files")
    site.store = store
    return site


def hours(n: float) -> dt.timedelta:
    return dt.timedelta(hours=n)
