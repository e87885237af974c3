"""Plans and verdicts, without Keras: what a worker would be asked, and what its answers mean."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from page_programs import Program, all_programs

from lstmlint.analysis import analyse
from lstmlint.settings import Settings
from lstmlint.shapes.dims import symbol
from lstmlint.shapes.shape import Shape
from lstmlint.verify.arguments import NotStated
from lstmlint.verify.format import FORMAT, Answer, StepAnswer
from lstmlint.verify.plan import Request
from lstmlint.verify.sizes import settled
from lstmlint.verify.verdicts import CONFIRMED, NOT_VERIFIABLE, REFUTED, judge

FAULTY = """
from keras import Sequential
from keras.layers import LSTM, Dense
model = Sequential([LSTM(32, input_shape=(20, 8)), LSTM(16)])
"""

BROADCAST = """
import numpy as np
from keras import Input, Sequential
from keras.layers import LSTM, Dense
model = Sequential([Input((20, 8)), LSTM(32, return_sequences=True), Dense(1)])
model.compile(loss="mse", optimizer="adam")
model.fit(np.zeros((64, 20, 8)), np.zeros((64,)))
"""

SOUND = """
import numpy as np
from keras import Input, Model
from keras.layers import LSTM, Dense, concatenate
x = Input((20, 8))
shared = LSTM(16)
out = Dense(3, activation="softmax")(concatenate([shared(x), shared(x)]))
model = Model(x, out)
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(np.zeros((10000, 20, 8)), np.zeros((10000,), dtype="int64"), batch_size=64)
"""


def asked(source: str, keras: str = "3") -> Request:
    path = str(Path(__file__).with_name("nothing.py"))
    settings = Settings(root=str(Path(__file__).parent), keras_version=keras)
    request = analyse(path, source.encode(), settings, want_request=True).request
    assert request is not None
    return request


def answered(request: Request, *steps: dict[str, Any], generation: str = "K3") -> Answer:
    """An answer to the first case: the steps told, in order, and before them those that simply ran."""
    case = request.plan["cases"][0]
    told = {step["id"]: step for step in steps}
    answers: list[StepAnswer] = []
    for step in case["steps"]:
        answers.append({"id": step["id"], "raised": None, **told.get(step["id"], {})})  # type: ignore[typeddict-item]
        if answers[-1]["raised"] is not None:
            break
    return Answer(
        format=FORMAT, keras="3.15.0", generation=generation, backend="tensorflow", device="cpu",
        cases=[{"id": case["id"], "steps": answers}],
    )  # fmt: skip


RAISED = {"type": "ValueError", "message": "Input 0 of layer is incompatible: expected ndim=3, found ndim=2"}


def test_a_layer_that_refuses_its_input_is_the_step_of_its_claim() -> None:
    request = asked(FAULTY)
    (claim,) = request.claims
    (case,) = request.plan["cases"]
    assert (claim["code"], claim["effect"], claim["case"]) == ("LL101", "raises", case["id"])
    step = next(step for step in case["steps"] if step["id"] == claim["step"])
    assert (step["do"], step["about"]) == ("add", "LSTM, line 4")
    first, second = (step for step in case["steps"] if step["do"] == "add")
    assert first["expected"] == {"shapes": [[None, 32]], "params": 5248}
    assert "expected" not in second


def test_what_keras_does_decides_the_verdict() -> None:
    request = asked(FAULTY)
    step = request.claims[0]["step"]
    assert judge(request, answered(request, {"id": step, "raised": RAISED})).verdicts[0].verdict == CONFIRMED
    assert judge(request, answered(request)).verdicts[0].verdict == REFUTED
    other = {"type": "ImportError", "message": "no module named so"}
    assert judge(request, answered(request, {"id": step, "raised": other})).verdicts[0].verdict == NOT_VERIFIABLE
    early = answered(request, {"id": request.plan["cases"][0]["steps"][0]["id"], "raised": RAISED})
    assert judge(request, early).verdicts[0].verdict == NOT_VERIFIABLE
    other = judge(request, answered(request, generation="T2")).verdicts[0]
    assert other.verdict == NOT_VERIFIABLE
    assert other.message == "the program means Keras 3, and this is Keras 3.15.0"


def test_no_answer_is_not_verifiable() -> None:
    request = asked(FAULTY)
    answer = answered(request)
    answer["cases"] = [{"id": "c1", "steps": [], "failed": "timeout", "words": "30 seconds"}]
    verdict = judge(request, answer).verdicts[0]
    assert (verdict.verdict, verdict.message) == (NOT_VERIFIABLE, "timeout: 30 seconds")


@pytest.mark.parametrize(("target", "verdict"), [([32], CONFIRMED), ([32, 20, 1], REFUTED)])
def test_silent_claims_need_the_shapes_that_met(target: list[int], verdict: str) -> None:
    request = asked(BROADCAST)
    (claim,) = request.claims
    assert (claim["code"], claim["effect"], claim["compared"]) == ("LL303", "runs", True)
    met = {"id": claim["step"], "compared": [{"target": target, "output": [32, 20, 1]}]}
    assert judge(request, answered(request, met)).verdicts[0].verdict == verdict


def test_a_whole_model_is_stated_with_its_data() -> None:
    request = asked(SOUND)
    (case,) = request.plan["cases"]
    assert list(request.models) == [case["id"]]
    assert [step["do"] for step in case["steps"]].count("call") == 4
    made = [step["name"] for step in case["steps"] if step["do"] == "make"]
    assert made.count("keras.layers.LSTM") == 1  # shared
    fed = case["steps"][-1]
    assert fed["method"] == "fit"
    assert fed["x"]["shape"] == [80, 20, 8]  # 10,000 rows in batches of 64 leave 16, as 80 do
    assert fed["y"]["shape"] == [80]
    json.dumps(request.plan)


def test_steps_that_leave_the_last_batch_out_are_counted() -> None:
    source = SOUND.replace("batch_size=64", "batch_size=64, steps_per_epoch=100")
    assert asked(source).plan["cases"][0]["steps"][-1]["kwargs"] == {"batch_size": 64, "steps_per_epoch": 1}


def test_a_model_with_a_finding_is_not_refused_once_more() -> None:
    source = """
from keras import Input, Model
from keras.layers import Dense
x = Input((8,))
model = Model(x, Dense(1, name="price")(Dense(4, name="price")(x)))
"""
    request = asked(source)
    assert [claim["code"] for claim in request.claims] == ["LL114"]
    assert not request.models


def test_a_model_that_keras_refuses_and_shapes_that_differ_are_told() -> None:
    request = asked(SOUND)
    steps = request.plan["cases"][0]["steps"]
    called = next(step for step in steps if step["do"] == "call")
    (refused,) = judge(request, answered(request, {"id": called["id"], "raised": RAISED})).refused
    assert refused.about == "LSTM, line 6"
    assert refused.place is not None
    assert refused.place.start[0] == 6
    judged = judge(request, answered(request, {"id": called["id"], "shapes": [[None, 17]], "params": 1600}))
    (differs,) = judged.disagreements
    assert (differs.what, differs.computed, differs.observed) == ("shapes", [[None, 16]], [[None, 17]])


def test_sizes_are_equal_where_names_are_and_leave_something_to_work_on() -> None:
    n, m = symbol("n"), symbol("m")
    steps = [{"id": "s1", "do": "build", "shape": [n, n - 60, m]}]
    (step,), names = settled(steps, [Shape((n - 60,))], [])
    assert step["shape"][1] == step["shape"][0] - 60 >= 1
    assert names["n"] == step["shape"][0] != names["m"]
    with pytest.raises(NotStated):
        settled(steps, [Shape((m - n - 5_000_000,))], [])


def test_the_memory_of_a_model_is_estimated() -> None:
    size = asked(BROADCAST.replace("LSTM(32", "LSTM(60000")).plan["cases"][0]["size"]
    assert size["parameters"] // 2 == 4 * (4 * 60_000 * (60_000 + 8 + 1) + 60_001)


@pytest.mark.parametrize("program", [each for each in all_programs() if each.kind == "bad"], ids=str)
def test_every_bad_program_has_a_plan(program: Program) -> None:
    """Each finding gets a claim that stands in the plan, or a reason; all of it is plain data."""
    request = asked(program.source, program.keras)
    steps = {case["id"]: {step["id"] for step in case["steps"]} for case in request.plan["cases"]}
    assert request.claims
    for claim in request.claims:
        assert claim["reason"] if claim["case"] is None else claim["step"] in steps[claim["case"]]
    assert json.loads(json.dumps(request.plan)) == request.plan


def test_the_format_is_plain_python() -> None:
    """A worker may be copied to an older Python, together with the format."""
    import ast

    source = Path(sys.modules["lstmlint.verify.format"].__file__ or "").read_text(encoding="utf-8")
    imported = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert {getattr(node, "module", None) for node in imported} == {"__future__", "typing"}


def test_a_model_that_first_data_gave_its_weights_is_built_for_them() -> None:
    request = asked("""
import numpy as np
from keras import Sequential
from keras.layers import Dense
model = Sequential([Dense(4), Dense(1)])
model.compile(loss="mse", optimizer="adam", metrics="mse")
model.fit(np.zeros((40, 5)), np.zeros((40, 1)))
model.fit(np.zeros((40, 3)), np.zeros((40, 1)))
""", "2.15")  # fmt: skip
    case = next(case for case in request.plan["cases"] if case["id"] == request.claims[0]["case"])
    assert [step["shape"] for step in case["steps"] if step["do"] == "build"] == [[None, 5]]
    assert next(step for step in case["steps"] if step["do"] == "compile")["kwargs"]["metrics"] == ["mse"]
    assert case["steps"][-1]["x"]["shape"] == [40, 3]


def test_what_is_expected_of_unknown_units_is_left_out() -> None:
    request = asked("""
import pandas as pd
from keras import Sequential
from keras.layers import Dense
prices = pd.read_csv("prices.csv").dropna().values
model = Sequential([Dense(4), Dense(1)])
model.compile(loss=loss_of_another_file, optimizer="adam")
model.fit(prices, prices[:, 0])
""")
    assert request.plan["cases"]
    for case in request.plan["cases"]:
        json.dumps(case)


def test_a_label_out_of_range_is_no_error_on_a_gpu() -> None:
    source = BROADCAST.replace("LSTM(32, return_sequences=True), Dense(1)", "LSTM(32), Dense(3, activation='softmax')")
    source = source.replace('"mse"', '"sparse_categorical_crossentropy"').replace(
        "np.zeros((64,))", "np.random.randint(1, 4, size=(64,))"
    )
    request = asked(source)
    assert [claim["code"] for claim in request.claims] == ["LL408"]
    answer = answered(request)
    assert judge(request, answer).verdicts[0].verdict == REFUTED
    answer["device"] = "gpu"
    said = judge(request, answer).verdicts[0]
    assert (said.verdict, said.device) == (NOT_VERIFIABLE, "gpu")
    assert said.message == "it raises with TensorFlow on the CPU; on the GPU with tensorflow Keras runs on"


OWN = """
import numpy as np
import tensorflow as tf
from keras import Model, Sequential
from keras.layers import LSTM, Dense, Dropout, Input, Lambda, Layer

class Pool(Layer):
    def __init__(self, units):
        super().__init__()
        self.score = Dense(units)
    def call(self, x):
        return tf.reduce_sum(tf.nn.softmax(self.score(x), axis=1) * x, axis=1)

class Net(Model):
    def __init__(self):
        super().__init__()
        self.lstm = LSTM(16, return_sequences=True)
        self.pool = Pool(1)
        self.drop = Dropout(0.2)
        self.out = Dense(1)
    def call(self, x, training=False):
        return self.out(self.drop(self.pool(self.lstm(x)), training=training))

net = Net()
net.compile("adam", "mse")
net.fit(np.zeros((40, 12, 5)), np.zeros((40, 1)))
model = Sequential([Input((12, 5)), Lambda(lambda x: x[:, -1, :] * 2), Dense(3)])
"""


def test_functions_and_classes_of_the_program_are_stated_as_operations() -> None:
    request = asked(OWN)
    first, second = ([step["do"] for step in case["steps"]] for case in request.plan["cases"])
    assert first.count("own") == 2  # Pool inside Net
    assert first[-2:] == ["compile", "train"]
    made = {step.get("name"): step for step in request.plan["cases"][1]["steps"]}
    (given,) = made["keras.layers.Lambda"]["args"]
    operations = [step["name"] for step in given["function"]["steps"]]
    assert operations == ["operator.getitem", "operator.mul"]
    assert second.count("add") == 3
    json.dumps(request.plan)


@pytest.mark.parametrize(
    "call",
    ["return self.score(tf.reshape(x, (int(input()), -1)))", "return unknown(self.score(x))",
     "return self.score(x) if self.flag else x"],
)  # fmt: skip
def test_what_is_not_known_of_a_class_is_not_made_up(call: str) -> None:
    source = OWN.replace("return tf.reduce_sum(tf.nn.softmax(self.score(x), axis=1) * x, axis=1)", call)
    request = asked("from elsewhere import unknown\n" + source)
    assert [name for name, _ in request.models.values()] == ["model"]
