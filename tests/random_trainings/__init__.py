"""Random trainings against real Keras: programs (`programs`), what lstmlint and Keras make of each (`oracle`, `worker`)."""
