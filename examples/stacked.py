"""Three recurrent layers over windows whose sizes nobody knows yet: nothing is wrong, and `lstmlint show` counts."""

from keras import Input, Sequential
from keras.layers import LSTM, Dense, Dropout


def build(n_steps, n_features, n_out):
    """Every LSTM but the last hands on a sequence."""
    model = Sequential()
    model.add(Input(shape=(n_steps, n_features)))
    model.add(LSTM(10, return_sequences=True))
    model.add(LSTM(10, return_sequences=True, dropout=0.2, recurrent_dropout=0.2))
    model.add(LSTM(10, dropout=0.2, recurrent_dropout=0.2))
    model.add(Dropout(0.8))
    model.add(Dense(n_out))
    return model
