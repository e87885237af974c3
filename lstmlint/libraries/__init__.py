"""What the functions of libraries do to abstract values, under their qualified names."""
