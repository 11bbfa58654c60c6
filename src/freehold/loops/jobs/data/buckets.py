"""``Files`` over our own S3: every call by the road of all calls, as the job's role.

Bytes go past the operations, as at S3's own door: they are stored before PutObject commits the
index, and read from what GetObject answers. Long objects are written in parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from freehold.auth.principal import Principal
from freehold.base.errors import Fault, NotFound
from freehold.kernel.dispatch import Kernel
from freehold.loops.jobs.data.files import Found, Place
from freehold.objects.get import Reader
from freehold.objects.put import Blob, Writer

PART_BYTES = 512 * 1024**2  # 10,000 parts of it are S3's largest object
CHECKSUM = "CRC64NVME"  # what S3 computes where the writer says nothing


class S3Files:
    """S3 as jobs use it. Faults are S3's own. Never used on the event loop."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def list(self, who: Principal, at: Place) -> Iterator[Found]:
        """All objects whose keys begin with the place's key, by key."""
        request: dict[str, Any] = {"Bucket": at.bucket, "Prefix": at.key}
        while True:
            answer = self._kernel.call("s3", "ListObjectsV2", who, request)
            for one in answer.get("Contents", ()):
                yield Found(one["Key"], int(one["Size"]))
            if not answer.get("IsTruncated"):
                return
            request["ContinuationToken"] = answer["NextContinuationToken"]

    def read(self, who: Principal, at: Place) -> Iterator[bytes]:
        """The bytes of one object, as it stood when the first was read."""
        with self._opened(who, at) as reader:
            yield from reader

    def _opened(self, who: Principal, at: Place) -> Reader:
        """Asked again if its bytes are just being replaced."""
        request = {"Bucket": at.bucket, "Key": at.key}
        for _ in range(2):
            answer = self._kernel.call("s3", "GetObject", who, request)
            with suppress(NotFound):
                return Reader(self._kernel.blobs, answer["_Parts"])
        raise NotFound("The specified key does not exist.", code="NoSuchKey")

    @contextmanager
    def write(self, who: Principal, at: Place) -> Iterator[_Upload]:
        """Write one object: there once the block ends well, not at all if it raises."""
        upload = _Upload(self._kernel, who, at)
        try:
            yield upload
            upload.finish()
        except BaseException:
            upload.abort()
            raise


class _Upload:
    """One object on its way: a single blob, or parts once it grows long."""

    def __init__(self, kernel: Kernel, who: Principal, at: Place) -> None:
        self._kernel = kernel
        self._who = who
        self._target = {"Bucket": at.bucket, "Key": at.key}
        self._writer: Writer = kernel.blobs.writer((CHECKSUM,))
        self._upload_id: str | None = None
        self._parts: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        """Take more bytes."""
        if self._writer.size >= PART_BYTES:
            self._end_part()
            self._writer = self._kernel.blobs.writer((CHECKSUM,))
        self._writer.write(data)

    def finish(self) -> None:
        """Make the object."""
        if self._upload_id is None:
            self._call("PutObject", self._writer.finish())
            return
        self._end_part()
        self._call(
            "CompleteMultipartUpload",
            UploadId=self._upload_id,
            MultipartUpload={"Parts": self._parts},
        )

    def abort(self) -> None:
        """Leave nothing behind."""
        self._writer.abort()
        if self._upload_id is not None:
            with suppress(Fault):
                self._call("AbortMultipartUpload", UploadId=self._upload_id)

    def _end_part(self) -> None:
        if self._upload_id is None:
            self._upload_id = self._call("CreateMultipartUpload")["UploadId"]
        number = len(self._parts) + 1
        blob = self._writer.finish()
        answer = self._call("UploadPart", blob, UploadId=self._upload_id, PartNumber=number)
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    def _call(self, operation: str, blob: Blob | None = None, **members: Any) -> dict[str, Any]:
        """A call with stored bytes, which go again if it is refused."""
        kernel = self._kernel
        internal = None if blob is None else {"Blob": blob, "Size": blob.size}
        try:
            return kernel.call(
                "s3", operation, self._who, self._target | members, internal=internal
            )
        except Fault:
            if blob is not None:
                kernel.blobs.remove((blob.id,))
            raise
