import celpy
import openai
from md2conf.converter import Converter
from psycopg_pool import ConnectionPool
from uuid_extensions import uuid7str
