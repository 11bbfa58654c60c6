"""S3: buckets, objects, uploads in parts, copies, lists and tags.

Each file declares its nouns on ``service.s3``; the bytes pass by ``edge/s3.py``.
"""

from freehold.services.s3 import buckets, listing, objects
from freehold.services.s3.service import s3

__all__ = ["buckets", "listing", "objects", "s3"]
