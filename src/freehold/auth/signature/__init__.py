"""Signatures: versions 4 and 2, by header, query and chunk; proven and made."""
