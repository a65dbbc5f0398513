import bpy
import requests
