"""The object store port: where address files arrive, and its two adapters, a folder and S3.

Only what sensors and ingests need; what the objects hold is no matter of this package.
"""

from resources.object_store.folder import FolderObjectStore
from resources.object_store.port import ObjectChanged, ObjectDenied, ObjectGone, ObjectStore, StoredObject
from resources.object_store.s3 import S3ObjectStore

__all__ = [
    "FolderObjectStore",
    "ObjectChanged",
    "ObjectDenied",
    "ObjectGone",
    "ObjectStore",
    "S3ObjectStore",
    "StoredObject",
]
