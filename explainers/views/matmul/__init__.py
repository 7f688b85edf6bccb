"""The parts of the lesson on matrix products: one product, a convolution, shares of the work and of the time."""

from explainers.views.matmul.convolution import convolution
from explainers.views.matmul.lesson import steps, switches
from explainers.views.matmul.product import product
from explainers.views.matmul.time_shares import timing
from explainers.views.matmul.work import work

__all__ = ["convolution", "product", "steps", "switches", "timing", "work"]
