"""Archives: trees of files written to one compressed tar with checksums, and read back safely.

``writing`` makes one out of what ``trees`` finds, ``checking`` reads one and believes nothing,
``placing`` puts its files down. Knows nothing of AWS. Formats: docs/operate/backup.md.
"""
