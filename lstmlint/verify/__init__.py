"""Verification: findings held against the Keras that is installed, in a process that never sees the program."""
