"""The table of everything a report may say: one row a field, for reading it and for describing it.

A field is spelt in camelCase or in snake_case. `payload` reads by this table and makes the schema
of the API from it, so that the two cannot disagree.
"""

from functools import partial

from trainwatch.domain.attempt import LARGEST_ATTEMPT
from trainwatch.domain.duration import parse_duration
from trainwatch.domain.field import Field, Schema, spellings_of, unless_unknown
from trainwatch.domain.metrics import MOST_METRICS, parse_metrics, parse_series
from trainwatch.domain.moment import parse_moment
from trainwatch.domain.number import LARGEST_WHOLE, parse_epoch, parse_value, parse_whole
from trainwatch.domain.progress import parse_unit
from trainwatch.domain.reading import GPU_SCHEMA, parse_gpu
from trainwatch.domain.status import SYNONYMS, TaskType
from trainwatch.domain.text import LONGEST_MESSAGE, LONGEST_NAME, parse_id, parse_message, parse_name
from trainwatch.domain.words import parse_boolean, parse_status_word, parse_type


def _keep(raw: object, field: str) -> object:
    del field  # it takes the unit to understand it
    return raw


_NAME: Schema = {"type": "string", "maxLength": LONGEST_NAME}
_MESSAGE: Schema = {"type": "string", "maxLength": LONGEST_MESSAGE}
_ID: Schema = {"type": ["string", "integer"], "maxLength": LONGEST_NAME}
_WHOLE: Schema = {"type": ["integer", "string"], "minimum": 0, "maximum": LARGEST_WHOLE}
_ATTEMPT: Schema = {**_WHOLE, "maximum": LARGEST_ATTEMPT}
_VALUE: Schema = {"type": ["number", "string", "null"]}
_WHOLES: Schema = {"type": "array", "items": _WHOLE}
_VALUES: Schema = {"type": "array", "items": _VALUE}

FIELDS: tuple[Field, ...] = (
    Field("taskName", parse_name, _NAME, "The name of the task; it is found again by it.", key="name"),
    Field("title", parse_name, _NAME, "What people read: the task's title, or the notification's."),
    Field(
        "overwriteTitle",
        parse_boolean,
        {"type": "boolean"},
        "Whether `title` replaces one that a person typed.",
    ),
    Field("runId", parse_id, _ID, "Identifies the run whatever it is called."),
    Field("taskId", parse_whole, _WHOLE, "The task itself, as a job knows it from TRAINWATCH_TASK_ID."),
    Field(
        "attempt",
        partial(parse_whole, most=LARGEST_ATTEMPT),
        _ATTEMPT,
        "The number of the execution; reports of an older one are late.",
    ),
    Field("gpuName", parse_name, _NAME, "The GPU that the task runs on."),
    Field("host", parse_name, _NAME, "The machine that the GPU is in.", forgiving=True),
    Field(
        "type", parse_type, {"type": "string"}, f"The kind of task: {', '.join(TaskType)}.", forgiving=True
    ),
    Field(
        "status",
        parse_status_word,
        {"type": "string"},
        f"The state of the task: {', '.join(SYNONYMS)}.",
        forgiving=True,
    ),
    Field("message", parse_message, _MESSAGE, "A line for people.", ("text", "content")),
    Field(
        "progress",
        _keep,
        {"type": ["number", "string"], "minimum": 0, "maximum": 100},
        "How far: 0 to 1 is a fraction, above 1 a percentage, as is text that ends in %.",
    ),
    Field("progressUnit", parse_unit, {"enum": ["fraction", "percent"]}, "What `progress` counts in."),
    Field("currentEpoch", parse_epoch, _WHOLE, "The epoch that the task is at.", ("epoch",)),
    Field("totalEpochs", parse_whole, _WHOLE, "How many epochs there will be."),
    Field("currentStep", parse_whole, _WHOLE, "The step that the task is at."),
    Field(
        "step",
        parse_whole,
        _WHOLE,
        "The step of the metrics sent along; also the current step where that is not said.",
    ),
    Field("totalSteps", parse_whole, _WHOLE, "How many steps there will be."),
    Field(
        "eta",
        unless_unknown(parse_duration),
        {"type": ["number", "string"], "minimum": 0},
        'The time left: seconds, an ISO 8601 duration or text like "1h 2m" or "00:12:30".',
        ("etaSeconds",),
        "eta_seconds",
    ),
    Field(
        "metrics",
        parse_metrics,
        {"type": "object", "additionalProperties": _VALUE, "maxProperties": MOST_METRICS},
        "Values by name; NaN and Infinity are kept as marked gaps.",
    ),
    Field("loss", parse_value, _VALUE, "Short for `metrics.loss`."),
    Field("accuracy", parse_value, _VALUE, "Short for `metrics.accuracy`."),
    Field("learningRate", parse_value, _VALUE, "Short for `metrics.learning_rate`.", ("lr",)),
    Field(
        "series",
        parse_series,
        {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"steps": _WHOLES, "values": _VALUES}},
            "maxProperties": MOST_METRICS,
        },
        "Many points of each metric; without `steps` they follow the last one.",
        key="columns",
    ),
    Field("gpu", parse_gpu, GPU_SCHEMA, "A reading of the GPU."),
    Field("eventId", parse_id, _ID, "Makes repeats of the same report harmless."),
    Field(
        "timestamp",
        parse_moment,
        {"type": ["string", "number"]},
        "When it was: ISO 8601, or seconds or milliseconds since 1970.",
        key="at",
        forgiving=True,
    ),
)
SPELLINGS = spellings_of(FIELDS)
