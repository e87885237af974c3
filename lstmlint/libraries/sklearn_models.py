"""scikit-learn: pipelines, estimators and what transformers have learned; samplers of imbalanced-learn."""

from __future__ import annotations

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import Text, Value, element_ident, from_dim, tuple_of
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import NDARRAY, Array, as_array, derive, leading, make, operand
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.libraries.sklearn import Transformer, payload_of
from lstmlint.shapes.dims import Dim, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

# --- transformers in a row -------------------------------------------------------------------------------------------


def chained(call: Call, steps: tuple[Value, ...]) -> Value:
    """Transformers one behind another, as one transformer; unknown where one of them is not followed."""
    found = [payload_of(call, step) for step in steps]
    known = [payload for payload in found if payload is not None and payload.family in ("scaler", "reducer")]
    if not known or len(known) < len(found):
        return call.unknown()
    narrowing = [payload for payload in known if payload.family == "reducer"]
    made = narrowing[-1] if narrowing else known[-1]
    return call.new_object("sklearn.Transformer", replace(made, limits=known[-1].limits, name=""))


@model("sklearn.compose.ColumnTransformer", "sklearn.compose.make_column_transformer")
def column_transformer(call: Call, *transformers: Value) -> Value:
    """Transformers for some columns each, side by side: a matrix of as many rows, which may be sparse."""
    several = call.items(transformers[0]) if member(call) == "ColumnTransformer" and transformers else transformers
    parts = [call.items(part) for part in several or ()]
    inner = [payload_of(call, item) for part in parts for item in part or ()]
    dense = bool(parts) and all(part is not None for part in parts) and None not in [
        next((payload for payload in (payload_of(call, item) for item in part or ()) if payload), None) for part in parts
    ] and all(payload.sparse is False for payload in inner if payload is not None)  # fmt: skip
    return call.new_object("sklearn.Transformer", Transformer("reducer", sparse=False if dense else None))


# --- what a transformer has learned ----------------------------------------------------------------------------------


@attribute(*(f"sklearn.Transformer.{name}" for name in (
    "scale_", "mean_", "var_", "min_", "data_min_", "data_max_", "data_range_", "center_",
)))  # fmt: skip
def learned(call: Call, transformer: Value) -> Value:
    """A number for each column of the data that it was fitted with."""
    payload = payload_of(call, transformer)
    if payload is None or payload.family != "scaler" or payload.fitted is None:
        return call.unknown()
    return make(call, Shape((payload.fitted,)), NDARRAY, "float64")


@attribute("sklearn.Transformer.explained_variance_ratio_", "sklearn.Transformer.explained_variance_")
def explained(call: Call, transformer: Value) -> Value:
    """A number for each component."""
    payload = payload_of(call, transformer)
    known = payload is not None and payload.family == "reducer" and payload.width is not None
    return make(call, Shape((payload.width,)), NDARRAY, "float64") if known and payload else call.unknown()


@attribute("sklearn.Transformer.vocabulary_")
def vocabulary(call: Call, transformer: Value) -> Value:
    """The column of each word."""
    payload = payload_of(call, transformer)
    if payload is None or payload.family != "vectorizer" or payload.width is None:
        return call.unknown()
    column = from_dim(symbol("column", element_ident("distinct"), lower=0))
    words = DictObject({}, Text(element_ident("distinct")), column, payload.width)
    return call.interpreter.allocate(words, "dict")


@model("sklearn.Transformer.get_feature_names_out", "sklearn.Transformer.get_feature_names")
def feature_names(call: Call, transformer: Value) -> Value:
    """A name for each column of its output."""
    payload = payload_of(call, transformer)
    width = None if payload is None else payload.fitted if payload.family == "scaler" else payload.width
    return call.unknown() if width is None else make(call, Shape((width,)), NDARRAY, "object")


# --- estimators ------------------------------------------------------------------------------------------------------

ESTIMATOR = "sklearn.Estimator"

#: Estimators of one number or class for each sample.
_ESTIMATORS: dict[str, str] = {
    "linear_model": "LinearRegression Ridge Lasso ElasticNet LogisticRegression SGDClassifier SGDRegressor Perceptron",
    "ensemble": "RandomForestRegressor RandomForestClassifier GradientBoostingRegressor GradientBoostingClassifier "
    "ExtraTreesRegressor ExtraTreesClassifier AdaBoostRegressor AdaBoostClassifier IsolationForest",
    "svm": "SVC SVR LinearSVC LinearSVR OneClassSVM",
    "tree": "DecisionTreeRegressor DecisionTreeClassifier",
    "neighbors": "KNeighborsRegressor KNeighborsClassifier",
    "neural_network": "MLPRegressor MLPClassifier",
    "naive_bayes": "GaussianNB MultinomialNB BernoulliNB",
    "cluster": "KMeans MiniBatchKMeans",
}


@dataclass(frozen=True, slots=True)
class Estimator:
    """An estimator; `behind` are the dims behind the samples of what it was fitted with, None where not known."""

    behind: tuple[Dim | None, ...] | None = None


@model(*(f"sklearn.{module}.{name}" for module, names in _ESTIMATORS.items() for name in names.split()))
def estimator(call: Call) -> Value:
    """An estimator that has seen nothing."""
    return call.new_object(ESTIMATOR, Estimator())


@model(f"{ESTIMATOR}.fit")
def fit_estimator(call: Call, self: Value, X: Value | None = None, y: Value | None = None) -> Value:
    """The estimator itself, which now knows what targets look like."""
    if not isinstance(call.payload(self), Estimator):
        return call.unknown()
    found = as_array(call, y) if given(y) else None
    behind = found.shape.dims[1:] if found is not None and found.shape.exact and found.shape.dims else None
    call.set_payload(self, Estimator(() if y is None and not call.open_keywords else behind))
    return self


@model(f"{ESTIMATOR}.predict", f"{ESTIMATOR}.fit_predict")
def predict_with_estimator(call: Call, self: Value, X: Value | None = None) -> Value:
    """A prediction for each sample.  Unknown: for targets of a single column, which estimators treat differently."""
    found, data = call.payload(self), as_array(call, X) if isinstance(X, Array) else None
    behind = found.behind if isinstance(found, Estimator) else None
    behind = () if member(call) == "fit_predict" else behind
    if behind is None or behind == (1,) or data is None or not data.shape.rank:
        return make(call, UNKNOWN_SHAPE, NDARRAY)
    return make(call, Shape((leading(data), *behind)), NDARRAY)


# --- imbalanced-learn ------------------------------------------------------------------------------------------------

SAMPLER = "imblearn.Sampler"


@model(
    "imblearn.over_sampling.SMOTE", "imblearn.over_sampling.RandomOverSampler", "imblearn.over_sampling.ADASYN",
    "imblearn.over_sampling.BorderlineSMOTE", "imblearn.under_sampling.RandomUnderSampler",
    "imblearn.under_sampling.NearMiss", "imblearn.combine.SMOTETomek", "imblearn.combine.SMOTEENN",
)  # fmt: skip
def sampler(call: Call) -> Value:
    """What balances classes."""
    return call.new_object(SAMPLER, None)


@model(f"{SAMPLER}.fit_resample", f"{SAMPLER}.fit_sample")
def fit_resample(call: Call, self: Value, X: Value | None = None, y: Value | None = None) -> Value:
    """Other numbers of samples of the same kind, as many data as labels."""
    rows = call.symbol("samples", lower=1)
    data, labels = operand(call, X), operand(call, y)
    made = [
        derive(call, a, a.shape.with_axis(0, rows) if a.shape.exact and a.shape.dims else UNKNOWN_SHAPE,
               columns=a.columns, range=a.range)
        for a in (data, labels)
    ]  # fmt: skip
    return tuple_of(*made)
