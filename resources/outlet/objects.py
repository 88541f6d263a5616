"""Parcels as objects: `deliveries/<kind>/<key>.json`, written once and never over another.

For a bank without a webhook, and for a laptop. Who takes an object away and deletes it before its run has settled may
find it again, should that run be killed: it has the same name, which is its key.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from resources.object_store import ObjectStore
from resources.outlet.port import Outlet, Parcel, Receipt
from resources.unavailable import Unavailable

PREFIX = "deliveries/"
_AT_ONCE = 8


class ObjectOutlet(Outlet):
    """Parcels in an object store."""

    def __init__(self, store: ObjectStore) -> None:
        """The store stays its owner's."""
        self._store = store

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """An object that is there already is this parcel, sent before."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._written, parcels))

    def uri(self) -> str:
        """The folder of the objects."""
        return self._store.uri(PREFIX.rstrip("/"))

    def _written(self, parcel: Parcel) -> Receipt:
        try:
            self._store.create(
                f"{PREFIX}{parcel.kind}/{parcel.key}.json", msgspec.json.encode(parcel.content)
            )
        except Unavailable as error:
            return Receipt(parcel.key, "failed", 1, str(error))
        return Receipt(parcel.key, "delivered", 1)
