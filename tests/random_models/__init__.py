"""Random programs that build models, and what lstmlint and real Keras make of each.

`arguments` is the table of what may be given to a layer, `layers` draws one layer, `programs` a whole program, `oracle`
asks lstmlint and Keras and compares.  Everything is drawn from a `random.Random`, so that a seed or Hypothesis may drive it.
"""
