import aiohttp
import rudderstack.analytics
from discord import Bot
from PIL import Image
from stability_sdk import client
