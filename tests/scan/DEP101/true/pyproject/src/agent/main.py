import httpx
import IPython  # FOUND
import numpy as np  # FOUND
import respx  # FOUND

from agent.parts import one
