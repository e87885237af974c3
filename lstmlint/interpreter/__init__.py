"""Abstract interpretation of Python: what a program does with its values, without running it.  Knows no library."""
