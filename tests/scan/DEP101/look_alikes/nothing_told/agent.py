import numpy
import redis
