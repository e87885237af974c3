"""Named limits on work.  Past one of them the analysis of that part ends quietly: its values become unknown."""

from __future__ import annotations

#: Evaluated nodes of a module, with everything that it calls.  Past it the rest of the file is not analysed.
MAX_STEPS = 30_000

#: Evaluated nodes of a function that nothing calls.  Past it the rest of that function is not analysed.
MAX_STEPS_ALONE = 5_000

#: Calls of functions of the program inside one another.  A deeper call returns Unknown.
MAX_CALL_DEPTH = 24

#: Calls of one function on the stack at once.  A further recursive call returns Unknown.
MAX_RECURSION = 2

#: Iterations of a loop of known length that are run one by one; a longer loop is summarised.
MAX_UNROLLED = 24

#: Iterations over known items (a list of layers or configurations) that are run one by one.
MAX_UNROLLED_ITEMS = 64

#: Values that one variable may have after conditions were joined; with more it becomes Unknown.
MAX_FACETS = 4

#: Returns of one function call that are told apart.
MAX_ENDS = 8

#: Times that one operation may be split over the values of its operands, for one file.
MAX_SPLITS = 400

#: Items of a constant list, string or repetition that are kept one by one.
MAX_ITEMS = 512

#: Bits of an integer constant; larger ones are Unknown (`10 ** 10 ** 10`).
MAX_INT_BITS = 256

#: Characters of a string constant that is computed; longer ones are unknown text.
MAX_TEXT = 4_096


class BudgetExceeded(Exception):
    """The steps of a file are used up."""
