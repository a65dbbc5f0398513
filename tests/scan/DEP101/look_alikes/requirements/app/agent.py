from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import acme_tools
import opentelemetry.sdk
import yaml
from app import tools
from bs4 import BeautifulSoup
from dotenv import load_dotenv
from fastapi import FastAPI
from google.cloud import storage
from PIL import Image
from pydantic import BaseModel
from starlette.responses import Response

from . import tools as same

try:
    import orjson
except ImportError:
    orjson = None

if TYPE_CHECKING:
    import pandas

if sys.platform == "win32":
    import winloop
