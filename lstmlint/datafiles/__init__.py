"""Data files of the project that a program names: found, opened without harm, and their headers read."""
