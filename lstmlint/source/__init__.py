"""Text -> libcst module -> the small tree of our own, with positions, notebooks, suppressions and local imports.

Importing this package imports neither libcst nor anything else that is slow.
"""
