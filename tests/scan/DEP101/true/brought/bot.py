import aiohttp  # FOUND
import rudderstack.analytics  # FOUND
from flask import Flask
from PIL import Image  # FOUND

app = Flask(__name__)
