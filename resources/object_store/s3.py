"""The object store in S3, or in any server that speaks its protocol.

Credentials come from the AWS chain (environment, profile, web identity, instance role); Quadrant keeps none.
"""

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from itertools import islice
from urllib.parse import urlsplit

import obstore
from obstore.store import S3Store

from resources.object_store.pinned import PinnedObjectStore, confined, listed
from resources.object_store.port import StoredObject
from resources.unavailable import Unavailable

_PAGE = 1000
_GONE_OR_CHANGED = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


class S3ObjectStore(PinnedObjectStore):
    """Objects of one bucket, addressed by path.

    A connection must stand within 5 s and a request (8 MiB at most) end within 60 s. Server errors, broken
    connections and time-outs are retried up to three times within 30 s, waiting 0.1 s and longer each time.
    """

    def __init__(self, bucket: str, endpoint_url: str | None = None, region: str | None = None) -> None:
        """`endpoint_url` is for servers other than AWS; without `region`, the AWS chain gives it."""
        self._bucket = bucket
        self._endpoint_url = endpoint_url
        self._region = region

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> list[StoredObject]:
        """Asks S3 to start after a key: one request per 1000 objects, however many lie before."""
        folder = confined(prefix.strip("/")) if prefix.strip("/") else None
        chunk = max(1, min(limit, _PAGE))
        with self._asking():
            pages = obstore.list(self._client, folder, offset=after or None, chunk_size=chunk)
            # obstore drops a slash at the end of the offset, and so would start a little too early.
            later = (meta for page in pages for meta in page if meta["path"] > after)
            found = listed(list(islice(later, limit)))
        # A listing may tell milliseconds where HEAD tells seconds: one version, one time.
        return [replace(stored, modified_at=stored.modified_at.replace(microsecond=0)) for stored in found]

    def head(self, key: str) -> StoredObject | None:
        """Where there is no such object, the bucket is asked for too: S3 says 404 to both."""
        found = super().head(key)
        if found is None:
            self.list("", limit=1)
        return found

    def create(self, key: str, data: bytes) -> bool:
        """Looks first, because not every server knows If-None-Match."""
        return self.head(key) is None and super().create(key, data)

    def uri(self, key: str = "") -> str:
        """`s3://`, bucket and key."""
        return f"s3://{self._bucket}/{key}"

    def _deleted(self, stored: StoredObject) -> bool:
        """AWS compares as it deletes; a server that does not know the condition ignores or refuses it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._boto3.delete_object(Bucket=self._bucket, Key=stored.key, IfMatch=f'"{stored.version}"')
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status in _GONE_OR_CHANGED:
                return False
            if status == HTTPStatus.NOT_IMPLEMENTED:
                return super()._deleted(stored)
            raise self._unavailable(RuntimeError(f"status {status} : {error}")) from error
        except BotoCoreError as error:
            raise self._unavailable(error) from error
        return True

    @cached_property
    def _session(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - boto3 ships no types
        import boto3

        return boto3.Session()

    @cached_property
    def _boto3(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - boto3 ships no types
        """For what obstore cannot ask: it deletes under no condition."""
        from botocore.config import Config

        settings = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 4, "mode": "standard"},
            s3={"addressing_style": "path"},
        )
        return self._session.client(
            "s3",
            region_name=self._region or self._session.region_name or "us-east-1",
            endpoint_url=self._checked_endpoint(),
            config=settings,
        )

    @cached_property
    def _client(self) -> S3Store:
        from obstore.auth.boto3 import Boto3CredentialProvider

        session = self._session
        try:
            credentials = Boto3CredentialProvider(session)
        except ValueError as error:
            raise Unavailable(
                f"No AWS credentials were found for S3_BUCKET {self._bucket!r}: set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role."
            ) from error
        return S3Store(
            self._bucket,
            endpoint=self._checked_endpoint(),
            region=self._region or session.region_name or "us-east-1",
            credential_provider=credentials,
            client_options={
                "allow_http": (self._endpoint_url or "").startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
        )

    def _checked_endpoint(self) -> str | None:
        if self._endpoint_url is None:
            return None
        url = urlsplit(self._endpoint_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise Unavailable(
                f"S3_ENDPOINT_URL {self._endpoint_url!r} is no address: write it like https://s3.example.com:9000."
            )
        return self._endpoint_url.rstrip("/")

    def _unavailable(self, error: Exception) -> Unavailable:
        """S3 tells its reason in the text only: a listing's 403 and 404 arrive as the general error."""
        text = str(error)
        where = self._endpoint_url or "AWS"
        if "NoSuchBucket" in text or " 404 " in text:
            return Unavailable(
                f"S3_BUCKET {self._bucket!r} does not exist at {where}: create it, or correct S3_BUCKET or "
                "S3_ENDPOINT_URL."
            )
        if any(status in text for status in (" 401 ", " 403 ")):
            return Unavailable(
                f"{where} refused the credentials for S3_BUCKET {self._bucket!r}: correct them for AWS, "
                "or grant them s3:ListBucket, s3:GetObject, s3:PutObject and s3:DeleteObject on it."
            )
        if "redirect" in text.lower():
            return Unavailable(f"S3_BUCKET {self._bucket!r} is in another region: set AWS_REGION to it.")
        reason = text.partition("\n")[0].rstrip(". ")
        return Unavailable(
            f"S3_BUCKET {self._bucket!r} cannot be reached at {where} ({reason}): check S3_ENDPOINT_URL and "
            "the network."
        )
