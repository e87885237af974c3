"""The layers of Keras, one module for each family as Keras names them, one small entry for each layer."""
