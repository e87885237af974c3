"""Measures the installed Keras against the stored data; see `scripts/measure_keras.py`.

Each part is a module with `PATH` (a pattern of the stored file), `stored(text, version)`, `measured(keras, stored)` of the same
structure, and `written(text, version, data)`.  Nothing here imports lstmlint: any interpreter with a Keras may run it.
"""
