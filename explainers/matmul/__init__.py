"""Why matrix products dominate: what part of a network's work they are, and what part of its time.

    tiles           one product, tile by tile, and how often each number is fetched
    im2col          a convolution as a product of windows and filters
    costs           what every other operator costs for each number
    networks        a multilayer perceptron, a convolutional network, and transformers, built from their sizes
    tally           every operator of a pass as it is dispatched: its FLOPs, its bytes, the sizes of its products
    counting        a whole pass or training step, counted without computing anything
    measuring       the same pass timed by torch's profiler, operator by operator
    comparison      what was counted beside what was measured
    messages        what the server and the process that measures tell each other
    worker          measures in a process of its own, which nobody disturbs
    process         that process, as the server sees it
    shared_timings  measurements that all visitors share, one at a time

Nothing here imports torch before something is counted or measured.
"""

from explainers.matmul.comparison import GroupCompared, OperatorCompared, groups_compared, operators_compared
from explainers.matmul.costs import COSTS, GROUPS, Cost, Group
from explainers.matmul.counting import count
from explainers.matmul.im2col import Convolution, convolution, edge_filters, seven
from explainers.matmul.measuring import MOST_FLOPS, Stopped, Timed, Timing, measure
from explainers.matmul.networks import Kind, Load, Network
from explainers.matmul.process import MeasureError, Measurer
from explainers.matmul.shared_timings import MODES, Refusal, Timings, refusal, timings
from explainers.matmul.tally import Count, Mode, Operator, Phase, Product
from explainers.matmul.tiles import Visit, Walk, least_reads, reads, walk

__all__ = [
    "COSTS",
    "GROUPS",
    "MODES",
    "MOST_FLOPS",
    "Convolution",
    "Cost",
    "Count",
    "Group",
    "GroupCompared",
    "Kind",
    "Load",
    "MeasureError",
    "Measurer",
    "Mode",
    "Network",
    "Operator",
    "OperatorCompared",
    "Phase",
    "Product",
    "Refusal",
    "Stopped",
    "Timed",
    "Timing",
    "Timings",
    "Visit",
    "Walk",
    "convolution",
    "count",
    "edge_filters",
    "groups_compared",
    "least_reads",
    "measure",
    "operators_compared",
    "reads",
    "refusal",
    "seven",
    "timings",
    "walk",
]
