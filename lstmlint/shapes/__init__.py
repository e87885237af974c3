"""Pure mathematics of dims and shapes: symbolic sizes and the operations on them.  Imports nothing of ours."""
