import celpy
import openai
from md2conf.converter import Converter
from uuid_extensions import uuid7str
