"""Forecast the next seven values from windows of fourteen steps over four columns.  Two lines are wrong."""

import numpy as np
from keras import Input, Sequential
from keras.layers import LSTM, Dense, Dropout

STEPS, COLUMNS, AHEAD = 14, 4, 7


def windows(table):
    """Cut a table into windows of STEPS rows, each with the AHEAD values that follow in its first column."""
    inputs, targets = [], []
    for start in range(len(table) - STEPS - AHEAD + 1):
        stop = start + STEPS
        inputs.append(table[start:stop])
        targets.append(table[stop : stop + AHEAD, 0])
    return np.array(inputs), np.array(targets)


x, y = windows(np.random.normal(size=(227, COLUMNS)))

# Three recurrent layers, of which the first two should hand on a sequence.  Keras raises here.
model = Sequential()
model.add(Input(shape=(STEPS, COLUMNS)))
model.add(LSTM(32, return_sequences=True))
model.add(LSTM(32, dropout=0.2))
model.add(LSTM(32, dropout=0.2))
model.add(Dropout(0.2))
model.add(Dense(AHEAD))
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=2)

# One value for each window, and a model that answers with one for each step.  Keras says nothing here.
level = Sequential()
level.add(Input(shape=(STEPS, COLUMNS)))
level.add(LSTM(32, return_sequences=True))
level.add(Dense(1))
level.compile(optimizer="adam", loss="mse")
level.fit(x, y[:, :1], epochs=2)
