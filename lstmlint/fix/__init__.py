"""Repairs: from what a check proposes to exact edits, and from edits to the bytes of a file."""
