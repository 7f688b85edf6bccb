"""How fast this machine can compute and read, and which of the two holds a model's products back: the roofline.

    theory      FLOPs, bytes and intensity of a product and of what stands between products; the roof over them
    shapes      a model's own operations at a length and batch, from its shape
    tasks       one thing to measure, and what was found: `Task`, `Point`
    requests    what a sweep is asked to measure: `Request`
    machine     what the numbers belong to: processor, caches, threads, memory, versions: `Machine`
    streams     the working sets that bandwidth is measured over
    plan        a request on a machine -> every task, in the order in which it is measured
    devices     the clocks: the processor's, or a GPU's own events
    timing      one call, repeated until its median is known well enough
    buffers     operands: rotated, so that what should come from memory does
    kernels     a task -> calls on buffers
    conditions  other load and a drifting clock, noticed
    pace        how the time is divided among the visits to the tasks
    visits      two rounds over the tasks, and one point of two visits
    sweep       a plan, measured step by step; stops at any time and goes on later
    results     what a sweep found, and the roofs in it
    compared    a model's operations: what the roofs promise, beside what was measured
    hardware    what vendors publish of their chips (assets/hardware.toml)
    export      a result as JSON, and as a table
    kept        the last result of this machine, on disk
    worker      a sweep in a process of its own; process: that process as the server sees it; messages: between them
    runner      one sweep at a time for all visitors of a server

The roofline is that of Williams, Waterman and Patterson (CACM 52(4), 2009): attainable = min(peak, intensity x
bandwidth). Nothing here imports torch before something is measured.
"""

from explainers.roofline.conditions import Conditions
from explainers.roofline.export import csv_rows, from_json, to_json
from explainers.roofline.kept import forget, keep, last_result
from explainers.roofline.machine import Cache, Machine, devices, this_machine
from explainers.roofline.plan import Limits, plan
from explainers.roofline.requests import GPT2_SMALL, Request, RooflineError
from explainers.roofline.results import Level, Result, Roofs, roofs
from explainers.roofline.runner import Phase, Runner, RunState, runner
from explainers.roofline.shapes import operations
from explainers.roofline.sweep import Update, sweep
from explainers.roofline.tasks import Group, Point, State, Task
from explainers.roofline.theory import (
    BYTES,
    TYPES,
    Cost,
    NumberType,
    Product,
    attainable,
    gelu,
    intensity,
    layer_norm,
    relu,
    ridge,
    rms_norm,
    softmax,
)

__all__ = [
    "BYTES",
    "GPT2_SMALL",
    "TYPES",
    "Cache",
    "Conditions",
    "Cost",
    "Group",
    "Level",
    "Limits",
    "Machine",
    "NumberType",
    "Phase",
    "Point",
    "Product",
    "Request",
    "Result",
    "RooflineError",
    "Roofs",
    "RunState",
    "Runner",
    "State",
    "Task",
    "Update",
    "attainable",
    "csv_rows",
    "devices",
    "forget",
    "from_json",
    "gelu",
    "intensity",
    "keep",
    "last_result",
    "layer_norm",
    "operations",
    "plan",
    "relu",
    "ridge",
    "rms_norm",
    "roofs",
    "runner",
    "softmax",
    "sweep",
    "this_machine",
    "to_json",
]
