import os

from assistant import Assistant

assistant = Assistant(os.environ)
