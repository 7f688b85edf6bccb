"""The parts of the roofline lesson: the theory, this machine, a model's own products, published hardware."""

from explainers.views.roofline.hardware import hardware
from explainers.views.roofline.lesson import steps, switches
from explainers.views.roofline.live import linger
from explainers.views.roofline.machine import machine
from explainers.views.roofline.model import model
from explainers.views.roofline.theory import theory

__all__ = ["hardware", "linger", "machine", "model", "steps", "switches", "theory"]
