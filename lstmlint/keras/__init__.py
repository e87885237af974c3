"""What Keras does, as pure functions and tables over shapes: layers, models, losses, feeding.  Knows no source code."""
