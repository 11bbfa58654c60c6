"""S3: buckets, objects, uploads in parts, copies, lists and tags.

Each file declares its nouns on ``service.s3``; the bytes pass by ``edge/s3.py``. From inside the
house, ``kernel.call("s3", "GetObject", principal, {...})`` answers with ``_Parts``, ``_Start`` and
``_Stop`` for an ``objects.get.Reader`` over ``kernel.blobs``; PutObject takes
``internal={"Blob": blob}``, a ``Blob`` that ``kernel.blobs.writer(("CRC64NVME",))`` finished.
"""

from freehold.services.s3 import buckets, copies, listing, objects, policies, settings, tagging
from freehold.services.s3.parts import completion, uploads
from freehold.services.s3.service import s3

__all__ = [
    "buckets",
    "completion",
    "copies",
    "listing",
    "objects",
    "policies",
    "s3",
    "settings",
    "tagging",
    "uploads",
]
