"""The bytes of jobs: S3's side, the disk's side, and what goes between."""
