"""What is fitted to every series: forms of growth, and breaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from flows.models.sample import FloatArray, Regime

Fit = Literal["log", "poisson", "level", "breaks"]
